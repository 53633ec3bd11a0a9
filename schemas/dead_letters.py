"""What could not be understood, why, and where is the original?"""

import re
from enum import StrEnum

import msgspec

from schemas.event import Event


class Reason(StrEnum):
    """Why a record is kept aside; a closed list, a row each in docs/bad-messages.md."""

    not_json = "not_json"
    wrong_shape = "wrong_shape"
    unknown_account = "unknown_account"
    unsupported_event = "unsupported_event"
    quarantined = "quarantined"


class InvalidMessage(Exception):  # noqa: N818 - a message, not an error of ours; arroyo's name
    """This record can never be processed: dead letter with its origin, and on (design 3.3).

    ``detail`` says what was expected, what came and where; never text of a post.
    """

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class DeadLetter(Event, frozen=True, kw_only=True, tag_field="type", tag=True):
    """The original record byte for byte, with its origin and the reason."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    value: bytes | None
    reason: Reason
    detail: str
    service: str
    version: str


def shape_error(error: msgspec.ValidationError) -> str:
    """What was expected, what came and where, without any value out of the record."""
    return re.sub(r"""(['"]).*\1""", "'...'", str(error), flags=re.DOTALL)

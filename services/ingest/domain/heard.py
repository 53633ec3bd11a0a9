"""What was heard of a source, and is its silence still normal?"""

from enum import StrEnum

import msgspec


class What(StrEnum):
    """What a source may be heard by."""

    event = "event"
    handshake = "handshake"
    cursor = "cursor"


class Heard(msgspec.Struct, frozen=True, order=True, kw_only=True):
    """Something was heard of an account of a source."""

    source: str
    account: str
    what: What

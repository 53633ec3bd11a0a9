"""What may a person command, and why is a command refused?"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

import msgspec

from schemas.states import FollowUp, Outcome
from schemas.vocabulary import Disposition

Reason = Annotated[str, msgspec.Meta(min_length=3, max_length=500)]


class Refusal(StrEnum):
    """Why a command changed nothing."""

    not_found = "not_found"
    version_differs = "version_differs"
    closed_already = "closed_already"
    not_closed = "not_closed"
    claimed_by_another = "claimed_by_another"
    on_hold_already = "on_hold_already"
    not_on_hold = "not_on_hold"
    unknown_team = "unknown_team"
    unknown_ticket = "unknown_ticket"
    nothing_to_change = "nothing_to_change"


class _Command(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Claim(_Command, frozen=True, kw_only=True):
    """Take the case for oneself for so many minutes; nobody else can meanwhile."""

    minutes: Annotated[int, msgspec.Meta(ge=1, le=240)] = 30


class Release(_Command, frozen=True, kw_only=True):
    """Give a claim back before it ends."""


class Assign(_Command, frozen=True, kw_only=True):
    """Make a person of the team the owner."""

    owner: Annotated[str, msgspec.Meta(min_length=1)]
    reason: Reason


class HandOver(_Command, frozen=True, kw_only=True):
    """Give the case to another team; ``owner`` where it is known who takes it (R60)."""

    team: Annotated[str, msgspec.Meta(min_length=1)]
    owner: str | None = None
    reason: Reason


class Pause(_Command, frozen=True, kw_only=True):
    """Wait for the customer: the clocks stand still until they write or it is resumed."""

    reason: Reason


class Resume(_Command, frozen=True, kw_only=True):
    """End a pause."""


class Close(_Command, frozen=True, kw_only=True):
    """Close a case; an outcome that is not given is read off what the customer wrote last."""

    outcome: Outcome | None = None
    follow_ups: tuple[FollowUp, ...] = ()


class Reopen(_Command, frozen=True, kw_only=True):
    """Open a closed case again."""

    reason: Reason


class Override(_Command, frozen=True, kw_only=True):
    """A person decides otherwise than the policy (R6); a silence closes the case (R14)."""

    disposition: Disposition | None = None
    urgency: Annotated[int, msgspec.Meta(ge=0, le=100)] | None = None
    reason: Reason


class Link(_Command, frozen=True, kw_only=True):
    """The same customer's case elsewhere: linked, not merged; their later cases know of both."""

    ticket: Annotated[str, msgspec.Meta(min_length=1, max_length=36)]
    reason: Reason


Command = Claim | Release | Assign | HandOver | Pause | Resume | Close | Reopen | Override | Link


COMMANDS: Mapping[str, type[Command]] = {
    "claim": Claim,
    "release": Release,
    "assign": Assign,
    "hand-over": HandOver,
    "pause": Pause,
    "resume": Resume,
    "close": Close,
    "reopen": Reopen,
    "override": Override,
    "link": Link,
}
"""How each command is called from outside."""

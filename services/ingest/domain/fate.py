"""What do we answer? Each event's fate, or that nothing is kept and when to come again."""

from collections.abc import Container, Iterable, Sequence
from typing import Literal
from zlib import crc32

import msgspec

from schemas.posts import SocialPost
from services.ingest.domain.finding import Finding
from services.ingest.domain.receipt import Ignored

Outcome = Literal["accepted", "duplicate", "ignored", "dead_lettered"]


class Fate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of one event; ``detail`` says why it became no post."""

    outcome: Outcome
    event_id: str
    row: int | None = None
    post_id: str | None = None
    reason: str | None = None
    detail: str | None = None


class Reported(Fate, frozen=True, kw_only=True, omit_defaults=True):
    """What became of a reported reply; was the post that it answers ever seen here?"""

    in_reply_to_known: bool


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """Everything is kept; the fates are in the order of the request."""

    fates: tuple[Fate, ...]

    def count(self, outcome: Outcome) -> int:
        """How many events had that fate."""
        return sum(fate.outcome == outcome for fate in self.fates)


class Unavailable(msgspec.Struct, frozen=True, kw_only=True):
    """Not kept, as far as we know: to be sent again after so many seconds."""

    retry_after: int


def retry_after(message_id: str) -> int:
    """Seconds from 5 to 30, spread over messages and the same for each of them."""
    return 5 + crc32(message_id.encode()) % 26


def first_of_each(findings: Iterable[Finding], known: Container[str]) -> dict[str, Finding]:
    """By event id the first finding of each event that is not known yet, in order."""
    fresh: dict[str, Finding] = {}
    for one in findings:
        if one.event_id not in known:
            fresh.setdefault(one.event_id, one)
    return fresh


def receipt_of(findings: Sequence[Finding], fresh: dict[str, Finding]) -> Receipt:
    """The fates, now that the fresh ones are kept."""
    return Receipt(fates=tuple(_fate(one, fresh) for one in findings))


def _fate(one: Finding, fresh: dict[str, Finding]) -> Fate:
    event_id, row, outcome = one.event_id, one.native.row, one.outcome
    new = fresh.get(event_id) is one
    if isinstance(outcome, SocialPost):
        done: Outcome = "accepted" if new else "duplicate"
        return Fate(outcome=done, event_id=event_id, row=row, post_id=outcome.id)
    if isinstance(outcome, Ignored):
        return Fate(
            outcome="ignored" if new else "duplicate",
            event_id=event_id,
            row=row,
            detail=outcome.why,
        )
    return Fate(
        outcome="dead_lettered" if new else "duplicate",
        event_id=event_id,
        row=row,
        reason=outcome.reason.value,
        detail=outcome.detail,
    )

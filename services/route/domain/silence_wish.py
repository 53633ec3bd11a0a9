"""How does a lead say whom nobody wants to hear for a while? A wish, checked, and shown again."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from schemas.event import Contract, Instant
from services.route.domain.commands import Reason
from services.route.domain.silencing import (
    LABEL_WORDS,
    LABELS,
    LabelMatch,
    NoneOf,
    Said,
    Silence,
    match_of,
    misspelt,
    values_of,
)

LONGEST = timedelta(days=90)
"""What is silenced for longer is a matter for the policy, where it is seen and tested."""


class SilenceWish(Contract, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Say nothing of such alerts from, until; ``from`` is now where it is left out."""

    matches: dict[str, Said]
    since: Instant | None = msgspec.field(name="from", default=None)
    until: Instant
    reason: Reason


class SilenceState(StrEnum):
    """Where a silence stands."""

    coming = "coming"
    holding = "holding"
    ended = "ended"


class KeptSilence(Silence, frozen=True, kw_only=True):
    """A silence with who ended it before its time, where somebody did; its start never changes."""

    ended_by: str | None = None
    ended_at: Instant | None = None


class SilenceView(Contract, frozen=True, kw_only=True):
    """A silence as it is shown; its ``matches`` can be asked for again as they are."""

    id: int
    state: SilenceState
    matches: dict[str, Said]
    since: Instant = msgspec.field(name="from")
    until: Instant
    by: str
    reason: str
    ended_by: str | None = None
    ended_at: Instant | None = None


def silence_of(wish: SilenceWish, now: datetime, by: str) -> KeptSilence:
    """The silence that is wished for; it never claims to have held before it was asked for."""
    return KeptSilence(
        id=0,
        matches=tuple(match_of(label, said) for label, said in sorted(wish.matches.items())),
        since=max(wish.since or now, now),
        until=wish.until,
        by=by,
        reason=wish.reason,
    )


def ended(silence: KeptSilence, now: datetime, by: str) -> KeptSilence | None:
    """The silence without the rest of its time; None where there is none left."""
    if state_of(silence, now) is SilenceState.ended:
        return None
    until = max(silence.since, now)
    return msgspec.structs.replace(silence, until=until, ended_by=by, ended_at=now)


def state_of(silence: KeptSilence, now: datetime) -> SilenceState:
    """Does it hold, has it ended, or does it come; the interval is half open."""
    if silence.ended_at or silence.until <= now:
        return SilenceState.ended
    return SilenceState.coming if now < silence.since else SilenceState.holding


def view_of(silence: KeptSilence, now: datetime) -> SilenceView:
    """The silence as it is shown."""
    return SilenceView(
        id=silence.id,
        state=state_of(silence, now),
        matches={match.label: _said(match) for match in silence.matches},
        since=silence.since,
        until=silence.until,
        by=silence.by,
        reason=silence.reason,
        ended_by=silence.ended_by,
        ended_at=silence.ended_at,
    )


def brands_named(matches: Mapping[str, Said]) -> frozenset[str] | None:
    """The brands that are silenced; None where it is not said, and so may be any."""
    said = matches.get("brand")
    return None if said is None or isinstance(said, NoneOf) else frozenset(values_of(said))


def concerns(matches: Mapping[str, Said], brands: Iterable[str]) -> bool:
    """May an alert of one of these brands be silenced?"""
    said = matches.get("brand")
    return said is None or any(match_of("brand", said).accepts({"brand": one}) for one in brands)


def wrong_wish(
    wish: SilenceWish, now: datetime, teams: Collection[str]
) -> Iterator[tuple[str, str]]:
    """The fields of a wish that cannot be, and why."""
    yield from _wrong_matches(wish.matches, {**LABEL_WORDS, "team": teams})
    start = max(wish.since or now, now)
    if wish.until <= start:
        yield "until", "expected a time after `from`, and to come"
    elif wish.until - start > LONGEST:
        yield "until", f"expected at most {LONGEST.days} days; what is for ever is in the policy"


def _wrong_matches(
    matches: Mapping[str, Said], known: Mapping[str, Collection[str]]
) -> Iterator[tuple[str, str]]:
    """As Alertmanager: one match at least has to name what it silences."""
    if all(isinstance(said, NoneOf) for said in matches.values()):
        yield "matches", "expected a label with the values to silence: this would silence all"
    for label, said in matches.items():
        place, values = f"matches.{label}", values_of(said)
        if label in LABELS and (not values or "" in values):
            yield place, "expected a value"
        yield from ((place, why) for why in misspelt(label, values, known))


def _said(match: LabelMatch) -> Said:
    values = tuple(sorted(match.values))
    plain = values[0] if len(values) == 1 else values
    return NoneOf(plain) if match.negated else plain

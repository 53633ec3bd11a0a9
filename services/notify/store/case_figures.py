"""How did cases go? Load, outcome and judgement, counted over the rows of tickets."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, false, func, literal, or_, select

from schemas.states import Axis, ClockName, Outcome
from schemas.vocabulary import ChannelRole, Tone
from services.notify.domain.clocks import ClockState
from services.notify.domain.figures import Period
from services.notify.store.counting import Asked, Columns, age, within
from services.notify.store.tables import CLOCKS, POSTS, TICKETS
from stream.database import micros

REDIRECT = "same_channel"
"""The check that a reply fails which sends the customer elsewhere (R71)."""
_SOLVED = (Outcome.thanked.value, Outcome.calmer.value, Outcome.silent.value)
_CASE = TICKETS.c
_TEAM: Columns = {"brand": _CASE.brand, "team": _CASE.team}
_ROLE = {**_TEAM, "role": _CASE.role}


def load(period: Period, at: datetime) -> Iterator[Asked]:
    """What came, what was handled and closed, and what lay there in the end (R94-R96)."""
    handled, end = within(_CASE.spoke_at, period), min(period.until, at)
    yield Asked("opened", TICKETS, _ROLE, within(_CASE.opened_at, period))
    yield Asked("handled", TICKETS, _ROLE, handled)
    for name in ("topic", "source"):
        yield Asked(
            f"handled_by_{name}", TICKETS, {"brand": _CASE.brand, name: _CASE[name]}, handled
        )
    yield Asked("closed", TICKETS, _ROLE, within(_CASE.closed_at, period))
    left = or_(_CASE.closed_at.is_(None), _CASE.closed_at >= micros(end))
    by: Columns = {**_TEAM, "age": age(_CASE.opened_at, end)}
    yield Asked("backlog", TICKETS, by, and_(_CASE.opened_at < micros(end), left))


def outcomes(period: Period, at: datetime) -> Iterator[Asked]:
    """How cases ended for the customer (R71, R101, R102, R104)."""
    closed, spoken = within(_CASE.closed_at, period), within(_CASE.spoke_at, period)
    yield Asked("outcomes", TICKETS, {**_TEAM, "outcome": _CASE.outcome}, closed)
    yield _quick_and_solved(period, at)
    turned = and_(
        _CASE.tone_after != "", _CASE.tone_after.not_in([Tone.negative.value, Tone.unknown.value])
    )
    negative = _CASE.tone_before == Tone.negative.value
    yield Asked(
        "negative_turned",
        TICKETS,
        _TEAM,
        and_(spoken, negative),
        part=turned,
        whole=negative,
    )
    tones = {"brand": _CASE.brand, "before": _CASE.tone_before, "after": _CASE.tone_after}
    yield Asked("tone_before_after", TICKETS, tones, spoken)
    elsewhere = exists(
        select(literal(1)).where(
            POSTS.c.ticket == _CASE.id, POSTS.c.failed.contains(f" {REDIRECT} ", autoescape=True)
        )
    )
    yield Asked(
        "resolved_in_channel",
        TICKETS,
        _TEAM,
        and_(closed, _CASE.spoke_at.is_not(None)),
        part=~elsewhere,
        whole=closed,
    )


def _quick_and_solved(period: Period, at: datetime) -> Asked:
    """Answered in time and well ended, of all of which it is known whether they were (R102)."""
    first = select(CLOCKS).where(
        CLOCKS.c.clock == ClockName.first_response.value, CLOCKS.c.cycle == 1
    )
    clock = first.subquery()
    late = or_(
        clock.c.state == ClockState.breached.value,
        and_(
            clock.c.state == ClockState.open.value,
            func.coalesce(clock.c.late_after < micros(at), false()),
        ),
    )
    known = or_(_CASE.closed_at.is_not(None), late)
    good = and_(
        clock.c.state == ClockState.met.value,
        _CASE.closed_at.is_not(None),
        _CASE.outcome.in_(_SOLVED),
    )
    return Asked(
        "quick_and_solved",
        TICKETS.join(clock, clock.c.ticket == _CASE.id),
        _TEAM,
        and_(within(_CASE.opened_at, period), known),
        part=good,
        whole=known,
    )


def judged(period: Period) -> Iterator[Asked]:
    """How often people judged otherwise, and what came in on the wrong door (R50)."""
    opened = within(_CASE.opened_at, period)
    for axis in (Axis.disposition, Axis.urgency):
        by: dict[str, ColumnElement[str]] = {
            "brand": _CASE.brand,
            "lang": _CASE.lang,
            "axis": literal(axis.value).label("axis"),
        }
        otherwise = _CASE.corrected.contains(f" {axis.value} ", autoescape=True)
        yield Asked("corrected", TICKETS, by, opened, part=otherwise, whole=opened)
    yield Asked(
        "marketing_requests",
        TICKETS,
        {"brand": _CASE.brand},
        opened,
        part=_CASE.role == ChannelRole.marketing.value,
        whole=opened,
    )

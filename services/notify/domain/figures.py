"""How many promises were kept in a period? Counts that add up, and the shares made of them."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

import msgspec

from worktime.walls import read_date

_MIDNIGHT = datetime.min.time()
_BOUND = re.compile(r"([1-9][0-9]{0,3})([mhd])")
UNITS = {"m": "minutes", "h": "hours", "d": "days"}
"""What the last letter of a time like ``15m`` stands for."""


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """A day or a month of UTC; a clock belongs to the period in which it started."""

    name: str
    since: datetime
    until: datetime

    def before(self) -> "Period":
        """The day or the month before."""
        last = (self.since - timedelta(days=1)).date().isoformat()
        return read_period(last[: len(self.name)])


BOUNDS = {"1h": timedelta(hours=1), "6h": timedelta(hours=6), "24h": timedelta(hours=24)}
"""Bounds of the answer time that a company promises in public (K1); wall time from the post on."""

TARGET = "target"
"""The bound that a promise has itself, in working time."""

SPANS = {"24h": timedelta(hours=24), "30d": timedelta(days=30)}
"""Rolling spans that are compared with the span before."""


class Facts(msgspec.Struct, kw_only=True):
    """What SQL says of now, by labels; the first two are always brand and team.

    ``attainment``: (brand, team, clock, bound, period, at, part), where ``part`` is ``within`` or
    ``all``: answered, or waiting for longer than the bound already; a team has it for the spans in
    which something of it was answered or waits. ``oldest``: how much of its target the oldest
    unanswered one has used, by (brand, team, priority).
    """

    open_tickets: dict[tuple[str, ...], float] = {}
    open_clocks: dict[tuple[str, ...], float] = {}
    attainment: dict[tuple[str, ...], float] = {}
    oldest: dict[tuple[str, ...], float] = {}


class Goal(NamedTuple):
    """A bound on a percentage: at least ``percent``, or at most."""

    percent: float
    at_most: bool = False

    def met_by(self, actual: float) -> bool:
        """Does the figure keep the bound?"""
        return actual <= self.percent if self.at_most else actual >= self.percent


class BadPeriod(ValueError):  # noqa: N818 - says what was found
    """No day or month can be read; the message says what was expected and what came."""


def read_period(text: str) -> Period:
    """The period ``2026-03-02`` or ``2026-03``; raises ``BadPeriod``."""
    is_month = len(text) == len("2026-03")
    try:
        first = read_date(f"{text}-01" if is_month else text)
    except ValueError as error:
        raise BadPeriod(f"expected a period like 2026-03-02 or 2026-03, got {text!r}") from error
    after = (first + timedelta(days=31)).replace(day=1) if is_month else first + timedelta(days=1)
    return Period(name=text, since=_midnight(first), until=_midnight(after))


def read_bound(text: str) -> timedelta | None:
    """A time like ``15m``, ``6h`` or ``2d``; None for what is none."""
    found = _BOUND.fullmatch(text)
    return timedelta(**{UNITS[found[2]]: int(found[1])}) if found else None


def percent(part: int, whole: int) -> float | None:
    """The share in percent; None of nothing, which is not 0."""
    return 100.0 * part / whole if whole else None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, _MIDNIGHT, UTC)

"""Where do the figures of a report come from? One snapshot of the store, a statement a figure."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta

import msgspec
from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from schemas.vocabulary import ChannelRole
from services.notify.domain.figures import Period
from services.notify.domain.outlook import WEEK, WEEKS, expected, people
from services.notify.domain.report import At, Figure, Found, Wanted
from services.notify.domain.spread import SHARES, counts_up_to, nearest
from services.notify.store import case_figures, post_figures, promise_figures
from services.notify.store.counting import Asked, figures, shares, within
from services.notify.store.reply_figures import replies, to_review
from services.notify.store.tables import TICKETS, TICKS
from stream.database import from_micros, micros, of_one_instant

_SECOND = timedelta(seconds=1) // timedelta(microseconds=1)
_DAY = timedelta(days=1) // timedelta(microseconds=1)
_SHARED = {"outcomes": ("brand", "team"), "dispositions": ("brand",), "tones": ("brand",)}
"""Figures that are shares of all of their kind."""


class Reports:
    """Reads what notify's transactions wrote; changes nothing."""

    def __init__(self, engine: AsyncEngine, wanted: Wanted) -> None:
        self._wanted = wanted
        self._engine = of_one_instant(engine)

    async def of(self, period: Period) -> Found:
        """All figures of a period, and the replies of it to read again, of one moment."""
        async with self._engine.connect() as connection:
            found = await _found(connection, period, self._wanted)
            drawn = await to_review(connection, period, self._wanted.reviewed_a_day)
        return msgspec.structs.replace(found, to_review=tuple(drawn))

    async def figures(self, period: Period) -> tuple[Figure, ...]:
        """The figures of a period that another is compared with."""
        async with self._engine.connect() as connection:
            return (await _found(connection, period, self._wanted)).figures


async def _found(connection: AsyncConnection, period: Period, wanted: Wanted) -> Found:
    slowest = select(func.min(TICKS.c.received_before))
    tick = (await connection.execute(slowest)).scalar_one_or_none()
    as_of = None if tick is None else from_micros(tick)
    counted = _counted(connection, period, as_of or period.since, wanted)
    return Found(as_of=as_of, figures=tuple([one async for one in counted]))


async def _counted(
    connection: AsyncConnection, period: Period, at: datetime, wanted: Wanted
) -> AsyncIterator[Figure]:
    for asked in _asked(period, at, wanted):
        found = await figures(connection, asked)
        together = _SHARED.get(asked.name)
        for one in shares(found, *together) if together else found:
            yield one
    for several in (
        await promise_figures.answered_within_working(connection, period, at, wanted.bounds),
        _spread(await promise_figures.times_of(connection, period)),
        await _lasted(connection, period),
        await replies(connection, period),
        await _outlook(connection, period, wanted.cases_a_day),
    ):
        for one in several:
            yield one


def _asked(period: Period, at: datetime, wanted: Wanted) -> Iterator[Asked]:
    yield promise_figures.attainment(period, at)
    yield promise_figures.not_due(period, at)
    yield from promise_figures.answered_within(period, at, wanted.bounds)
    yield from case_figures.load(period, at)
    yield from case_figures.outcomes(period, at)
    yield from case_figures.judged(period)
    yield from post_figures.talk(period)
    yield from post_figures.waiting(period, at)
    yield post_figures.new_sources(period)
    yield post_figures.after_crises(period)


def _spread(times: Mapping[str, Mapping[At, list[int]]]) -> Iterator[Figure]:
    """Of every answer time its shares; and of each brand how many took how long (R97)."""
    for time, by in times.items():
        brands: dict[str, Counter[str]] = {}
        for at, took in by.items():
            yield from _shares_of("response_time", at, took)
            brands.setdefault(dict(at)["brand"], Counter()).update(counts_up_to(took, _SECOND))
        for brand, counts in sorted(brands.items()):
            for up_to, count in counts.items():
                key = (("brand", brand), ("time", time), ("up_to", up_to))
                yield Figure(name="answers_by_time", at=key, part=count)


async def _lasted(connection: AsyncConnection, period: Period) -> list[Figure]:
    """From a case's first words to its end, and to the hand-over of what came in by marketing."""
    case, found = TICKETS.c, list[Figure]()
    lasted = case.closed_at - case.opened_at, within(case.closed_at, period)
    given = (
        case.handed_at - case.opened_at,
        and_(within(case.handed_at, period), case.role == ChannelRole.marketing.value),
    )
    for name, label, (took, where) in (
        ("handling_time", "team", lasted),
        ("hand_over_time", "role", given),
    ):
        times: dict[At, list[int]] = {}
        query = select(case.brand, case[label], took).where(where).order_by(took)
        async for row in await connection.stream(query):
            key = (("brand", str(row[0])), (label, str(row[1])))
            times.setdefault(key, []).append(max(0, int(row[2])))
        found += [one for at, took in sorted(times.items()) for one in _shares_of(name, at, took)]
    return found


def _shares_of(name: str, at: At, took: Sequence[int]) -> Iterator[Figure]:
    for share, of in SHARES.items():
        yield Figure(name=name, at=(*at, ("share", share)), part=nearest(took, of) / _SECOND)


async def _outlook(
    connection: AsyncConnection, period: Period, cases_a_day: float
) -> Iterator[Figure]:
    """What the week after the period is to bring, from the eight weeks before its end."""
    since = period.until - timedelta(days=WEEKS * WEEK)
    span = and_(TICKETS.c.opened_at >= micros(since), TICKETS.c.opened_at < micros(period.until))
    day = TICKETS.c.opened_at // _DAY
    query = select(TICKETS.c.brand, day, func.count()).where(span).group_by(TICKETS.c.brand, day)
    brands: dict[str, dict[date, float]] = {}
    for brand, number, count in (await connection.execute(query)).all():
        brands.setdefault(brand, {})[from_micros(number * _DAY).date()] = count
    return _expected(brands, period.until.date(), cases_a_day)


def _expected(
    brands: Mapping[str, Mapping[date, float]], first: date, cases_a_day: float
) -> Iterator[Figure]:
    for brand, counts in sorted(brands.items()):
        for when, cases in expected(counts, first).items():
            at = (("brand", brand), ("day", when.isoformat()))
            yield Figure(name="expected_cases", at=at, part=cases)
            needed = people(cases, cases_a_day)
            yield Figure(name="people_needed", at=at, part=needed)

"""How do our replies hold up, and which ones is somebody to read again?"""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notify.domain.figures import Period
from services.notify.domain.report import Figure, Reply
from services.notify.store.case_figures import REDIRECT
from services.notify.store.counting import within
from services.notify.store.tables import POSTS, TICKETS
from stream.database import from_micros

_DAY = timedelta(days=1) // timedelta(microseconds=1)
_TEAM = func.coalesce(TICKETS.c.team, "")
_REPLIES = POSTS.outerjoin(TICKETS, TICKETS.c.id == POSTS.c.ticket)


async def replies(connection: AsyncConnection, period: Period) -> list[Figure]:
    """Checks that our replies passed, by team and by check, and redirects a case (R72, R90)."""
    columns = (POSTS.c.brand, _TEAM, POSTS.c.checked, POSTS.c.failed)
    query = select(*columns, func.count()).select_from(_REPLIES).where(_ours(period))
    passed, checks = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    failed, asked = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    redirects = Counter[tuple[str, str]]()
    for brand, team, checked, missed, count in (
        await connection.execute(query.group_by(*columns))
    ).all():
        names, wrong = checked.split(), missed.split()
        checks[brand, team] += count * len(names)
        passed[brand, team] += count * (len(names) - len(wrong))
        redirects[brand, team] += count * (REDIRECT in wrong)
        for name in names:
            asked[brand, name] += count
            failed[brand, name] += count * (name in wrong)
    cases = await _answered_cases(connection, period)
    return [
        *_shares("reply_quality", "team", passed, checks),
        *_shares("reply_check", "check", failed, asked),
        *_shares("redirects", "team", redirects, cases),
    ]


async def to_review(connection: AsyncConnection, period: Period, a_day: int) -> list[Reply]:
    """So many replies a team and day, drawn by lot: the derived id is as good as a random number.

    The same ones however often somebody asks.
    """
    day = POSTS.c.at // _DAY
    drawn = (
        select(
            POSTS.c.at,
            POSTS.c.brand,
            _TEAM.label("team"),
            POSTS.c.reply,
            POSTS.c.failed,
            func.row_number()
            .over(partition_by=(day, POSTS.c.brand, _TEAM), order_by=POSTS.c.id)
            .label("place"),
        )
        .select_from(_REPLIES)
        .where(_ours(period))
        .subquery()
    )
    query = select(drawn).where(drawn.c.place <= a_day)
    order = (drawn.c.at, drawn.c.brand, drawn.c.team, drawn.c.reply)
    return [
        Reply(
            day=from_micros(row.at).date(),
            brand=row.brand,
            team=row.team,
            post=row.reply,
            failed=tuple(row.failed.split()),
        )
        for row in (await connection.execute(query.order_by(*order))).all()
    ]


async def _answered_cases(connection: AsyncConnection, period: Period) -> Counter[tuple[str, str]]:
    """Cases that a reply of the period answers."""
    query = (
        select(POSTS.c.brand, _TEAM, func.count(POSTS.c.ticket.distinct()))
        .select_from(_REPLIES)
        .where(_ours(period))
        .group_by(POSTS.c.brand, _TEAM)
    )
    rows = (await connection.execute(query)).all()
    return Counter({(brand, team): count for brand, team, count in rows})


def _ours(period: Period) -> ColumnElement[bool]:
    return and_(within(POSTS.c.at, period), POSTS.c.own, POSTS.c.reply.is_not(None))


def _shares(
    name: str, by: str, parts: Counter[tuple[str, str]], wholes: Counter[tuple[str, str]]
) -> Iterator[Figure]:
    for (brand, value), whole in sorted(wholes.items()):
        at = (("brand", brand), (by, value))
        yield Figure(name=name, at=at, part=parts[brand, value], whole=whole)

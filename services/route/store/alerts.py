"""How do alerts get from a decision to a person? A turn takes intents in, and tells what is due.

One replica takes a turn at a time; whichever: a transaction under a lock that ends with it. What
it tells is in the outbox and in the rows of the channels with the same commit.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import BigInteger, bindparam, func, insert, select, union_all, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from schemas.topics import ALERTS
from services.route.domain.alerting import AlertGroup, Member
from services.route.domain.board import Around, Board, Told
from services.route.domain.desk import Rules
from services.route.domain.intents import CanaryCall, decode_intent
from services.route.domain.phones import Once, Used
from services.route.store.board import (
    board_for,
    decode_group,
    decode_member,
    due,
    inhibited,
    keep_group,
    write_board,
)
from services.route.store.canaries import send_canaries
from services.route.store.deliveries import let_go, send_out
from services.route.store.holding import held
from services.route.store.silencing import silences_at
from services.route.store.swaps import swaps_between
from services.route.store.tables import ACK_LINKS, GROUPS, INTENTS
from services.route.store.tables import ALERTS as MEMBERS
from stream.clock import Clock
from stream.database import alone, micros
from stream.flow import Origin, Outgoing, outgoing
from stream.outbox import Outbox

AT_ONCE = 200
SLACK_SECONDS = 60.0
"""Real seconds that the pipeline may take before what it brings counts as late."""

TURN_LOCK = 0x07713
"""The advisory lock of a turn; on SQLite only one step writes at a time anyway."""
_OURS = select(func.pg_try_advisory_xact_lock(TURN_LOCK))

_WAITING = (
    select(INTENTS.c.id, INTENTS.c.body)
    .where(INTENTS.c.done_at.is_(None))
    .order_by(INTENTS.c.at, INTENTS.c.id)
    .limit(AT_ONCE)
    .with_for_update()
)
_ANY = union_all(
    select(INTENTS.c.id).where(INTENTS.c.done_at.is_(None)).limit(1).subquery().select(),
    select(GROUPS.c.key)
    .where(GROUPS.c.closed_at.is_(None), GROUPS.c.due_at <= bindparam("now", type_=BigInteger))
    .limit(1)
    .subquery()
    .select(),
)
_DONE = (
    update(INTENTS)
    .where(INTENTS.c.id == bindparam("of_id"))
    .values(done_at=bindparam("done", type_=BigInteger), went_to=bindparam("groups"))
)
_MEMBERS = select(MEMBERS.c.body).where(
    MEMBERS.c.left_at.is_(None), MEMBERS.c.group_key == bindparam("of_group")
)


class AlertStore:
    """Intents in, groups open and told, acknowledged by people."""

    def __init__(
        self, engine: AsyncEngine, outbox: Outbox, clock: Clock, rules: Callable[[], Rules]
    ) -> None:
        self._engine, self._outbox, self._clock, self._rules = engine, outbox, clock, rules
        self._alone = alone(engine)

    async def turn(self) -> int:
        """Take waiting intents into their groups and tell what is due; how many of both."""
        asked = {"now": micros(self._clock.now())}
        async with self._alone.connect() as connection:
            if not (await connection.execute(_ANY, asked)).first():
                return 0
        async with self._engine.begin() as connection:
            return await self._turn(connection)

    async def _turn(self, connection: AsyncConnection) -> int:
        shared = connection.dialect.name == "postgresql"
        if shared and not (await connection.execute(_OURS)).scalar_one():
            return 0
        around = await self._around(connection)
        rows = (await connection.execute(_WAITING)).all()
        left = [(row.id, decode_intent(row.body)) for row in rows]
        canaries = [one for _, one in left if isinstance(one, CanaryCall)]
        intents = {name: one for name, one in left if not isinstance(one, CanaryCall)}
        board = await board_for(connection, list(intents.values()), around)
        for intent in intents.values():
            board.take(intent, around)
        groups = await due(connection, board, around)
        quiet = await inhibited(connection, board, around) if groups else {}
        for group in groups:
            board.flush(board.groups[group.identity], around, quiet.get(group.mark, ()))
        await self._write(connection, board, around)
        await send_canaries(connection, canaries, around.now, self._clock.real())
        done = [_done(name, board, around.now) for name in intents]
        if done:
            await connection.execute(_DONE, done)
        return len(rows) + len(groups)

    async def group_of(self, short: str) -> AlertGroup | None:
        """The group of a button's or a link's short id."""
        query = select(GROUPS.c.body).where(GROUPS.c.short == short)
        async with self._alone.connect() as connection:
            body = (await connection.execute(query)).scalar_one_or_none()
        return decode_group(body) if body else None

    async def acknowledge(
        self, key: str, *, by: str, once: Once | None = None
    ) -> AlertGroup | None:
        """Note whose alert it is; the group, or None where there is no such group.

        A link is used up in the same transaction; raises ``Used`` where it was before.
        """
        query = select(GROUPS.c.body).where(GROUPS.c.key == key).with_for_update()
        async with self._engine.begin() as connection:
            body = (await connection.execute(query)).scalar_one_or_none()
            if body is None:
                return None
            if once:
                await _use(connection, once)
            around = await self._around(connection)
            group, members = decode_group(body), await self._members(connection, key)
            board = Board(members={key: {one.base: one for one in members}})
            group = board.acknowledge(group, by, around)
            await self._write(connection, board, around)
        return group

    async def acknowledge_short(
        self, short: str, *, by: str, once: Once | None = None
    ) -> AlertGroup | None:
        """The same, by the short id."""
        group = await self.group_of(short)
        return await self.acknowledge(group.key, by=by, once=once) if group else None

    async def _around(self, connection: AsyncConnection) -> Around:
        rules, now = self._rules(), self._clock.now()
        return Around(
            policy=rules.policy,
            needs=rules.needs,
            now=now,
            silences=await silences_at(connection, now),
            held=await held(connection) is not None,
            slack=self._clock.business(SLACK_SECONDS),
        )

    async def _members(self, connection: AsyncConnection, key: str) -> Sequence[Member]:
        bodies = (await connection.execute(_MEMBERS, {"of_group": key})).scalars()
        return [decode_member(body) for body in bodies]

    async def _write(self, connection: AsyncConnection, board: Board, around: Around) -> None:
        """The board, what subscribers hear, what goes out to channels, and what is moot there."""
        await write_board(connection, board, around)
        await self._outbox.store(connection, list(map(_out, board.told)))
        if board.told:
            swaps = await swaps_between(connection, around.now, around.now)
            on_duty = around.policy.on_duty(around.now, swaps)
            real = self._clock.real()
            await send_out(connection, board.told, on_duty, around.now, real)
        await let_go(connection, board.done_with(around.now), around.now)


async def adopt(
    connection: AsyncConnection, key: str, change: Callable[[AlertGroup], AlertGroup]
) -> bool:
    """Change a group that is here as it was told of elsewhere; False where there is none."""
    query = select(GROUPS.c.body).where(GROUPS.c.key == key).with_for_update()
    body = (await connection.execute(query)).scalar_one_or_none()
    if body is None:
        return False
    await keep_group(connection, change(decode_group(body)))
    return True


async def _use(connection: AsyncConnection, once: Once) -> None:
    try:
        row = {"nonce": once.nonce, "until": micros(once.until)}
        await connection.execute(insert(ACK_LINKS).values(**row))
    except IntegrityError as error:
        raise Used from error


def _out(told: Told) -> Outgoing:
    group, caused = told.group, told.notice.traces
    return outgoing(
        told.notice.alert,
        topic=ALERTS,
        key=group.key,
        partition=group.partition,
        origin=Origin(
            service="route", brand=group.brand, traceparent=caused[0] if caused else None
        ),
    )


def _done(intent: str, board: Board, now: datetime) -> dict[str, Any]:
    keys = board.went_to.get(intent, [])
    return {"of_id": intent, "done": micros(now), "groups": msgspec.json.encode(keys)}

"""How do effects happen once? Position, state and outgoing events in one transaction (design 3.2).

A step's transaction locks the positions of all its partitions in ``consumed``, compares and
advances them, changes state, and stores the encoded outputs in ``outbox``; then the rows are
published in id order, acked, and deleted.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Row, and_, bindparam, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from schemas.event import Headers
from stream.database import alone
from stream.failures import Fenced
from stream.flow import Outgoing, Publish, Received, Where
from stream.metrics import StreamMetrics
from stream.outbox import LedgerTables, Outbox
from stream.process import Work
from stream.statements import among

DRAIN = 500
"""Outbox rows published at a time."""

Waiting = tuple[int, Outgoing]
"""An event in the outbox, by its id there."""

_HEADERS = msgspec.msgpack.Decoder(Headers)


class _Statements:
    """What a ledger asks of its tables, built once."""

    def __init__(self, tables: LedgerTables) -> None:
        consumed, box = tables.consumed, tables.outbox
        those = and_(among(consumed.c.topic, "topics"), among(consumed.c.partition, "partitions"))
        in_order = (consumed.c.topic, consumed.c.partition)
        self.locked = select(consumed).where(those).order_by(*in_order).with_for_update()
        self.move = update(consumed).where(
            consumed.c.topic == bindparam("of"), consumed.c.partition == bindparam("at")
        )
        mine = among(box.c.partition, "partitions")
        self.waiting = select(box).where(mine).order_by(box.c.id).limit(DRAIN)
        self.waiting_ids = self.waiting.with_only_columns(box.c.id, box.c.event_id)
        self.delete = delete(box).where(among(box.c.id, "acked"))


class Ledger(Outbox):
    """Effects of a stateful service: a step takes hold in its database, then on the broker."""

    def __init__(
        self, engine: AsyncEngine, tables: LedgerTables, publish: Publish, metrics: StreamMetrics
    ) -> None:
        super().__init__(engine, tables)
        self._tables, self._publish = tables, publish
        self._pending = metrics.outbox_pending.labels(metrics.service)
        self._step_seconds = metrics.store_seconds.labels(metrics.service, "step")
        self._expected: dict[Where, int] = {}
        self._ask, self._alone = _Statements(tables), alone(engine)

    async def once(self, records: Sequence[Received], work: Work[AsyncConnection]) -> None:
        """Handle the records that were not handled before, then publish what that gave.

        Raises ``Fenced`` where another replica moved a position since we last did.
        """
        wheres = {received.where for received in records}
        with self._step_seconds.time():
            stands, waiting = await self._step(wheres, records, work)
        self._expected.update(stands)
        await self._hand_over(waiting)
        if len(waiting) == DRAIN:
            await self.drain({partition for _, partition in wheres})

    async def _step(
        self, wheres: Collection[Where], records: Sequence[Received], work: Work[AsyncConnection]
    ) -> tuple[Mapping[Where, int], Sequence[Waiting]]:
        """Take the step; returns the positions and what the partitions' outbox then holds."""
        partitions = {partition for _, partition in wheres}
        async with self.engine.begin() as connection:
            stands = await self._locked(connection, wheres)
            self._check(wheres, stands)
            fresh = [r for r in records if r.offset >= stands.get(r.where, 0)]
            if not fresh:
                return stands, await self._waiting(connection, partitions)
            outputs = await work(connection, fresh)
            ends = {received.where: received.offset + 1 for received in fresh}
            await self._advance(connection, stands, ends)
            await self.store(connection, outputs)
            return {**stands, **ends}, await self._waiting(connection, partitions, outputs)

    async def drain(self, partitions: Collection[int]) -> None:
        """Publish what these partitions' outbox holds, in id order; delete what is acked."""
        full = True
        while full:
            async with self._alone.connect() as connection:
                waiting = await self._waiting(connection, partitions)
            await self._hand_over(waiting)
            full = len(waiting) == DRAIN
        await self._count()

    async def _waiting(
        self,
        connection: AsyncConnection,
        partitions: Collection[int],
        just_stored: Sequence[Outgoing] = (),
    ) -> Sequence[Waiting]:
        """What waits in these partitions' outbox; what was stored a moment ago is not read back."""
        mine = {"partitions": partitions}
        if just_stored:
            found = (await connection.execute(self._ask.waiting_ids, mine)).all()
            if [row.event_id for row in found] == [out.event_id for out in just_stored]:
                return [(row.id, out) for row, out in zip(found, just_stored, strict=True)]
        rows = (await connection.execute(self._ask.waiting, mine)).all()
        return [(row.id, _outgoing(row)) for row in rows]

    async def _hand_over(self, waiting: Sequence[Waiting]) -> None:
        if not waiting:
            return
        await self._publish([out for _, out in waiting])
        async with self._alone.begin() as connection:
            acked = [number for number, _ in waiting]
            await connection.execute(self._ask.delete, {"acked": acked})

    async def positions(self, wheres: Collection[Where]) -> Mapping[Where, int]:
        """Where this store stands, by topic and partition; forgets what was expected before."""
        self._expected = {}
        async with self._alone.connect() as connection:
            rows = (await connection.execute(select(self._tables.consumed))).all()
        stands = {(row.topic, row.partition): row.next_offset for row in rows}
        return {where: stands[where] for where in wheres if where in stands}

    async def _locked(
        self, connection: AsyncConnection, wheres: Collection[Where]
    ) -> Mapping[Where, int]:
        """Where these partitions stand, their rows locked in key order; none that are new."""
        topics, partitions = ({where[n] for where in wheres} for n in range(2))
        asked = {"topics": topics, "partitions": partitions}
        rows = (await connection.execute(self._ask.locked, asked)).all()
        stands = {(topic, partition): offset for topic, partition, offset in rows}
        return {where: stands[where] for where in wheres if where in stands}

    def _check(self, wheres: Collection[Where], stands: Mapping[Where, int]) -> None:
        for where in wheres & self._expected.keys():
            if stands.get(where) != self._expected[where]:
                expected = f"expected {where} at {self._expected[where]}"
                raise Fenced(f"{expected}, it is at {stands.get(where)}")

    async def _advance(
        self, connection: AsyncConnection, stands: Mapping[Where, int], ends: Mapping[Where, int]
    ) -> None:
        """Move the positions; those that were there are locked, two that are first collide."""
        moved = [
            {"of": where[0], "at": where[1], "next_offset": ends[where]}
            for where in sorted(ends.keys() & stands)
        ]
        new = [
            {"topic": where[0], "partition": where[1], "next_offset": ends[where]}
            for where in sorted(ends.keys() - stands)
        ]
        if moved:
            await connection.execute(self._ask.move, moved)
        try:
            if new:
                await connection.execute(insert(self._tables.consumed), new)
        except IntegrityError as error:
            raise Fenced(f"another replica was first at one of {sorted(ends)}") from error

    async def _count(self) -> None:
        query = select(func.count()).select_from(self._tables.outbox)
        async with self._alone.connect() as connection:
            self._pending.set((await connection.execute(query)).scalar_one())


def _outgoing(row: Row[Any]) -> Outgoing:
    return Outgoing(
        topic=row.topic,
        partition=row.partition,
        key=row.key,
        value=row.value,
        headers=_HEADERS.decode(row.headers),
        event_id=row.event_id,
    )

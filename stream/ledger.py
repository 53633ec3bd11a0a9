"""How do effects happen once? Position, state and outgoing events in one transaction (design 3.2).

A batch's transaction advances ``consumed`` by compare-and-set, changes state, and stores the
encoded outputs in ``outbox``; then the rows are published in id order, acked, and deleted.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    Column,
    Integer,
    LargeBinary,
    MetaData,
    Row,
    String,
    Table,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from schemas.event import Headers
from stream.database import reading
from stream.failures import Fenced
from stream.flow import Outgoing, Publish, Received, Where
from stream.metrics import StreamMetrics
from stream.process import Work

DRAIN = 500
"""Outbox rows published at a time."""

_HEADERS = msgspec.msgpack.Decoder(Headers)


class LedgerTables:
    """The two tables of one service, in its own name: services may share a database server."""

    def __init__(self, metadata: MetaData, service: str) -> None:
        self.consumed = Table(
            f"{service}_consumed",
            metadata,
            Column("topic", String(200), primary_key=True),
            Column("partition", Integer, primary_key=True),
            Column("next_offset", BigInteger, nullable=False),
        )
        self.outbox = Table(
            f"{service}_outbox",
            metadata,
            Column(
                "id",
                BigInteger().with_variant(Integer, "sqlite"),
                primary_key=True,
                autoincrement=True,
            ),
            Column("partition", Integer, nullable=False, index=True),
            Column("topic", String(200), nullable=False),
            Column("key", LargeBinary, nullable=False),
            Column("headers", LargeBinary, nullable=False),
            Column("value", LargeBinary, nullable=False),
            Column("event_id", String(36), nullable=False, unique=True),
        )


class Ledger:
    """Effects of a stateful service: a step takes hold in its database, then on the broker."""

    def __init__(
        self, engine: AsyncEngine, tables: LedgerTables, publish: Publish, metrics: StreamMetrics
    ) -> None:
        self._engine, self._tables, self._publish = engine, tables, publish
        self._pending = metrics.outbox_pending.labels(metrics.service)
        self._step_seconds = metrics.store_seconds.labels(metrics.service, "step")
        self._expected: dict[Where, int] = {}

    async def once(self, records: Sequence[Received], work: Work[AsyncConnection]) -> None:
        """Handle the records that were not handled before, then publish what that gave.

        Raises ``Fenced`` where another replica moved the position since we last did.
        """
        where = (records[0].topic, records[0].partition)
        with self._step_seconds.time():
            position, stored = await self._step(where, records, work)
        if position is not None:
            self._expected[where] = position
        await self._hand_over(stored)
        if len(stored) == DRAIN:
            await self.drain((where[1],))

    async def _step(
        self, where: Where, records: Sequence[Received], work: Work[AsyncConnection]
    ) -> tuple[int | None, Sequence[Row[Any]]]:
        """Take the step; returns the position and what the partition's outbox then holds."""
        async with self._engine.begin() as connection:
            position = await self._position(connection, where)
            if position != self._expected.get(where, position):
                raise Fenced(f"expected {where} at {self._expected[where]}, it is at {position}")
            fresh = [r for r in records if position is None or r.offset >= position]
            if fresh:
                outputs = await work(connection, fresh)
                await self._advance(connection, where, position, fresh[-1].offset + 1)
                await self.store(connection, outputs)
                position = fresh[-1].offset + 1
            return position, await self._stored(connection, (where[1],))

    async def store(self, connection: AsyncConnection, outputs: Sequence[Outgoing]) -> None:
        """Put encoded events into the outbox, in order, within the caller's transaction."""
        if outputs:
            rows = [
                {
                    "partition": out.partition,
                    "topic": out.topic,
                    "key": out.key,
                    "headers": msgspec.msgpack.encode(out.headers),
                    "value": out.value,
                    "event_id": out.event_id,
                }
                for out in outputs
            ]
            await connection.execute(insert(self._tables.outbox), rows)

    async def drain(self, partitions: Collection[int]) -> None:
        """Publish what these partitions' outbox holds, in id order; delete what is acked."""
        full = True
        while full:
            async with reading(self._engine).connect() as connection:
                stored = await self._stored(connection, partitions)
            await self._hand_over(stored)
            full = len(stored) == DRAIN
        await self._count()

    async def _stored(
        self, connection: AsyncConnection, partitions: Collection[int]
    ) -> Sequence[Row[Any]]:
        box = self._tables.outbox
        mine = select(box).where(box.c.partition.in_(partitions))
        return (await connection.execute(mine.order_by(box.c.id).limit(DRAIN))).all()

    async def _hand_over(self, stored: Sequence[Row[Any]]) -> None:
        if not stored:
            return
        box = self._tables.outbox
        await self._publish([_outgoing(row) for row in stored])
        async with self._engine.begin() as connection:
            one = delete(box).where(box.c.id == bindparam("acked"))
            await connection.execute(one, [{"acked": row.id} for row in stored])

    async def positions(self, wheres: Collection[Where]) -> Mapping[Where, int]:
        """Where this store stands, by topic and partition; forgets what was expected before."""
        self._expected = {}
        async with reading(self._engine).connect() as connection:
            rows = (await connection.execute(select(self._tables.consumed))).all()
        stands = {(row.topic, row.partition): row.next_offset for row in rows}
        return {where: stands[where] for where in wheres if where in stands}

    async def _position(self, connection: AsyncConnection, where: Where) -> int | None:
        table = self._tables.consumed
        query = select(table.c.next_offset).where(
            table.c.topic == where[0], table.c.partition == where[1]
        )
        return (await connection.execute(query.with_for_update())).scalar_one_or_none()

    async def _advance(
        self, connection: AsyncConnection, where: Where, old: int | None, new: int
    ) -> None:
        table = self._tables.consumed
        if old is None:
            row = {"topic": where[0], "partition": where[1], "next_offset": new}
            try:
                await connection.execute(insert(table).values(row))
            except IntegrityError as error:
                raise Fenced(f"another replica was first at {where}") from error
            return
        moved = await connection.execute(
            update(table)
            .where(
                table.c.topic == where[0],
                table.c.partition == where[1],
                table.c.next_offset == old,
            )
            .values(next_offset=new)
        )
        if moved.rowcount != 1:
            raise Fenced(f"another replica moved {where} away from {old}")

    async def _count(self) -> None:
        query = select(func.count()).select_from(self._tables.outbox)
        async with reading(self._engine).connect() as connection:
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

"""Where do events wait until they are published? In the database, stored with what caused them.

Any process of a service may store there; the one that owns the partition publishes (design 3.2).
"""

from collections.abc import Sequence

import msgspec
from sqlalchemy import BigInteger, Column, Integer, LargeBinary, MetaData, String, Table
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from stream.flow import Outgoing
from stream.statements import insert_all


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


class Outbox:
    """The store of a service as far as events leave from it."""

    def __init__(self, engine: AsyncEngine, tables: LedgerTables) -> None:
        self.engine, self._table = engine, tables.outbox

    async def store(self, connection: AsyncConnection, outputs: Sequence[Outgoing]) -> None:
        """Put encoded events into the outbox, in order, within the caller's transaction."""
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
        await insert_all(connection, self._table, rows)

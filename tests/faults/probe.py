"""What is the smallest service that can be killed? One flow that counts, on the parts that ship.

python -m tests.faults.probe serve

Each key has a version that grows with every record handled, and goes out with it: an output that
was computed twice has another version and other bytes.
"""

import asyncio
import hashlib
import os
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence

from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from sqlalchemy import Column, Integer, MetaData, String, Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.event import Event, Topic, derive_id
from schemas.topics import dead_letters
from stream.broker import broker_of
from stream.clock import parse_clock
from stream.database import create_tables, only_replica, open_engine
from stream.flow import (
    Batch,
    Flow,
    Message,
    Outgoing,
    Received,
    U,
    Where,
    caused_by,
    outgoing,
)
from stream.ledger import Ledger
from stream.log import log_to_stderr
from stream.member import KafkaSource
from stream.metrics import StreamMetrics
from stream.outbox import LedgerTables
from stream.probes import Probes, probe_routes
from stream.process import Direct, Kept, Process
from stream.publisher import KafkaPublisher
from stream.pumps import pump_named
from stream.service import http, insisting, run
from stream.settings import PumpName, StreamSettings, load
from stream.statements import upsert
from tests.echo import topic

READ, WRITTEN, LETTERS = topic("noted.v1"), topic("counted.v1"), dead_letters("probe")
TOPICS: tuple[Topic, ...] = (READ, WRITTEN, LETTERS)
METADATA = MetaData()
LEDGER = LedgerTables(METADATA, "probe")
KEYS = Table(
    "probe_keys",
    METADATA,
    Column("key", String(20), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("number", Integer, nullable=False),
)
Handle = Callable[[Sequence[Batch], U], Awaitable[Sequence[Outgoing]]]


class Noted(Event, frozen=True, kw_only=True, tag_field="type", tag=True):
    """What is read: the so-manieth record of a key."""

    key: str
    number: int


class Counted(Event, frozen=True, kw_only=True, tag_field="type", tag=True):
    """What is written: the version that the key has now; 0 where nothing is kept."""

    key: str
    number: int
    version: int


class Settings(StreamSettings, frozen=True, kw_only=True, rename="upper"):
    """A probe's settings."""

    database_url: str = ""
    pump: PumpName = "aiokafka"
    session_ms: int = 6000
    work: int = 200
    freeze_in: str = ""
    freeze_before: str = ""


class Freeze:
    """Stops this process once, as a suspended host does: at PARTITION:OFFSET, or never."""

    def __init__(self, at: str) -> None:
        self._at = at

    def meet(self, received: Received) -> None:
        """Freeze here if this is the record."""
        if self._at == f"{received.partition}:{received.offset}":
            self._at = ""
            os.kill(os.getpid(), signal.SIGSTOP)


class Freezing(Process[U]):
    """A process that may freeze with a batch in hand of which no step has begun."""

    freeze = Freeze("")

    async def together(self, got: Mapping[Where, Sequence[Received]]) -> bool:
        self._meet(*got.values())
        return await super().together(got)

    async def batch(self, records: Sequence[Received]) -> None:
        self._meet(records)
        await super().batch(records)

    def _meet(self, *batches: Sequence[Received]) -> None:
        for records in batches:
            for received in records:
                self.freeze.meet(received)


class Counting:
    """The handler: some work for each record, as a classifier has it, and a version for its key."""

    def __init__(self, settings: Settings) -> None:
        self._work = settings.work
        self._freeze = Freeze(settings.freeze_in)

    async def stateless(self, batches: Sequence[Batch], _: None) -> Sequence[Outgoing]:
        """Count nothing."""
        return [self._counted(message, 0) for batch in batches for message in batch.messages]

    async def stateful(
        self, batches: Sequence[Batch], connection: AsyncConnection
    ) -> Sequence[Outgoing]:
        """Count in the database, in the step's own transaction."""
        messages = [message for batch in batches for message in batch.messages]
        notes = [one.event for one in messages if isinstance(one.event, Noted)]
        wanted = select(KEYS).where(KEYS.c.key.in_({note.key for note in notes}))
        rows = (await connection.execute(wanted.with_for_update())).all()
        versions = {row.key: row.version for row in rows}
        numbers: dict[str, int] = {}
        outputs = []
        for message, note in zip(messages, notes, strict=True):
            versions[note.key] = versions.get(note.key, 0) + 1
            numbers[note.key] = note.number
            outputs.append(self._counted(message, versions[note.key]))
        kept = [{"key": key, "version": versions[key], "number": numbers[key]} for key in numbers]
        await upsert(connection, KEYS, kept)
        return outputs

    def _counted(self, message: Message, version: int) -> Outgoing:
        assert isinstance(message.event, Noted)
        note = message.event
        hashlib.pbkdf2_hmac("sha256", b"", b"", self._work)
        self._freeze.meet(message.received)
        return outgoing(
            Counted(
                event_id=counted_id(note),
                occurred_at=note.occurred_at,
                key=note.key,
                number=note.number,
                version=version,
            ),
            topic=WRITTEN,
            key=note.key,
            partition=message.received.partition,
            origin=caused_by(message.received, service="probe", brand=""),
        )


def counted_id(note: Noted) -> str:
    """The id of what one record gives."""
    return derive_id(note.event_id, "Counted")


async def serve(settings: Settings) -> None:
    """Run until SIGTERM."""
    probing = Probing(settings)
    async with probing.publisher as publish:
        if not settings.database_url:
            await probing.run(probing.counting.stateless, Direct(publish))
            return
        engine = open_engine(settings.database_url)
        with only_replica(settings.database_url):
            await insisting(lambda: create_tables(engine, METADATA))
            ledger = Ledger(engine, LEDGER, publish, probing.metrics)
            await probing.run(probing.counting.stateful, ledger)
        await engine.dispose()


class Probing:
    """What a probe is put together from, with or without a store."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._registry = settings, CollectorRegistry()
        self.counting = Counting(settings)
        self.metrics = StreamMetrics(self._registry, "probe", "test")
        self.publisher = KafkaPublisher(broker_of(settings), settings.topic_prefix, self.metrics)

    async def run(self, handle: Handle[U], effects: Kept[U]) -> None:
        """Pump and answer the kubelet until SIGTERM."""
        settings, clock = self._settings, parse_clock("")
        flow = Flow(name="probe", reads=(READ,), events=(Noted,), writes=(WRITTEN,), handle=handle)
        process = Freezing(flow, effects=effects, letters=LETTERS, metrics=self.metrics)
        process.freeze = Freeze(settings.freeze_before)
        source = KafkaSource(
            bootstrap=settings.kafka_bootstrap_servers,
            prefix=settings.topic_prefix,
            group=f"{settings.topic_prefix}.probe",
            session_ms=settings.session_ms,
        )
        probes, app = Probes(clock.monotonic), FastAPI()
        app.include_router(probe_routes(probes, self._registry))
        pump_type = pump_named(settings.pump)
        pump = pump_type(process, effects, source=source, probes=probes, clock=clock)
        await run(pump.run, http(app, host=settings.host, port=settings.port))


def main(environment: Mapping[str, str]) -> None:
    """Serve; what ends it comes out as it is."""
    settings = load(Settings, environment)
    log_to_stderr("probe", settings.log_level)
    asyncio.run(serve(settings))


if __name__ == "__main__":
    main(os.environ)  # noqa: TID251 - a process of the tests has no settings.py

"""Notify without a broker: real handler, ledger and store, over records that a test puts there."""

from typing import NamedTuple

import msgspec
from prometheus_client import CollectorRegistry
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from schemas.event import Event, PipelineTick, encode
from schemas.sla import SlaChanged
from schemas.tickets import Ticket
from schemas.topics import SLA, TICKETS, dead_letters
from services.notify.app import announce_blind, flow_of
from services.notify.handlers import Timing
from services.notify.metrics import Metrics, Pairs
from services.notify.store.cases import decode_case
from services.notify.store.tables import CLOCKS, LEDGER
from services.notify.store.tables import TICKETS as ROWS
from stream.clock import parse_clock
from stream.ledger import Ledger
from stream.memory_pump import MemoryBroker, MemoryPump
from stream.metrics import StreamMetrics
from stream.process import Process
from tests.unit.notify.builders import at, told

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


class Service(NamedTuple):
    engine: AsyncEngine
    broker: MemoryBroker
    registry: CollectorRegistry

    def ledger(self, shared: StreamMetrics) -> Ledger:
        return Ledger(self.engine, LEDGER, self.broker, shared)

    async def hears_nothing(self, minutes: float, partition: int = 3) -> None:
        """The pipeline tells nothing for so much longer than notify has patience."""
        shared = StreamMetrics(CollectorRegistry(), "notify", "0")
        timing = Timing(Metrics(CollectorRegistry(), Pairs()))
        silent = {partition: minutes * 60}
        await announce_blind(timing, self.ledger(shared), silent, parse_clock(""))
        await self.pump(CollectorRegistry()).run_until_idle()

    def pump(self, registry: CollectorRegistry | None = None) -> MemoryPump[AsyncConnection]:
        """A fresh member: it remembers nothing but what the database knows."""
        shared = StreamMetrics(registry or CollectorRegistry(), "notify", "0", lambda: at(0))
        ledger = self.ledger(shared)
        timing = Timing(Metrics(self.registry if registry is None else registry, Pairs()))
        process = Process(
            flow_of(timing),
            effects=ledger,
            letters=dead_letters("notify"),
            metrics=shared,
        )
        return MemoryPump(process, ledger, self.broker)

    def put(self, found: Event, partition: int = 3, topic: str = TICKETS.name) -> None:
        headers = (("ce_type", type(found).__name__.encode()), ("traceparent", TRACE.encode()))
        self.broker.put(topic, partition, key=b"k", value=encode(found), headers=headers)

    def tell(self, *tickets: Ticket, partition: int = 3) -> None:
        for one in tickets:
            self.put(told(one), partition)

    def tick(self, minutes: float, partition: int = 3) -> None:
        before = at(minutes)
        tick = PipelineTick(event_id=f"k{minutes}", occurred_at=before, received_before=before)
        self.put(tick, partition)

    def events(self) -> list[SlaChanged]:
        return [
            msgspec.json.decode(record.value or b"", type=SlaChanged)
            for record in self.broker.log(SLA.name)
        ]

    def said(self) -> list[tuple[str, str, float | None]]:
        return [(one.ticket_id, one.state.value, one.threshold) for one in self.events()]


async def rows(service: Service) -> tuple[int, int]:
    async with service.engine.connect() as connection:
        bodies = (await connection.execute(select(ROWS.c.body))).scalars()
        clock_rows = await connection.execute(select(func.count()).select_from(CLOCKS))
        return sum(len(decode_case(body).announced) for body in bodies), clock_rows.scalar_one()

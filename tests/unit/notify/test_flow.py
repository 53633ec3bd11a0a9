"""Tickets and ticks through the real ledger on SQLite.

Three inputs break the easy version: the same batch delivered again (announced twice, or counted
twice), an old version after a newer one (a stopped clock starts again), and a tick of another
partition (a breach announced from a clock that its own pipeline has not reached).
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import event, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from schemas.calendars import Calendar
from schemas.event import Event, PipelineTick, encode
from schemas.sla import SlaChanged
from schemas.tickets import Ticket
from schemas.topics import SLA, TICKETS, dead_letters
from services.notify.app import flow_of
from services.notify.domain.figures import read_period
from services.notify.handlers import Timing
from services.notify.metrics import Metrics, Pairs
from services.notify.store.figures import Figures
from services.notify.store.tables import ANNOUNCED, CLOCKS, LEDGER, METADATA
from stream.database import open_engine
from stream.ledger import Ledger
from stream.memory_pump import MemoryBroker, MemoryPump
from stream.metrics import StreamMetrics
from stream.process import Process
from tests.unit.notify.builders import answered, at, closed, terms, ticket, told, wrote
from worktime.always import ALWAYS

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


class Service(NamedTuple):
    engine: AsyncEngine
    broker: MemoryBroker
    registry: CollectorRegistry

    def pump(self, registry: CollectorRegistry | None = None) -> MemoryPump[AsyncConnection]:
        """A fresh member: it remembers nothing but what the database knows."""
        shared = StreamMetrics(registry or CollectorRegistry(), "notify", "0")
        ledger = Ledger(self.engine, LEDGER, self.broker, shared)
        timing = Timing(Metrics(self.registry if registry is None else registry, Pairs()))
        process = Process(
            flow_of(timing),
            effects=ledger,
            letters=dead_letters("notify"),
            metrics=shared,
        )
        return MemoryPump(process, ledger, self.broker)

    def put(self, found: Event, partition: int = 3) -> None:
        headers = (("ce_type", type(found).__name__.encode()), ("traceparent", TRACE.encode()))
        self.broker.put(TICKETS.name, partition, key=b"k", value=encode(found), headers=headers)

    def tell(self, *tickets: Ticket, partition: int = 3) -> None:
        for one in tickets:
            self.put(told(one), partition)

    def tick(self, minutes: float, partition: int = 3) -> None:
        before = at(minutes)
        tick = PipelineTick(event_id=f"k{minutes}", occurred_at=before, received_before=before)
        self.put(tick, partition)

    def said(self) -> list[tuple[str, str, float | None]]:
        events = [
            msgspec.json.decode(record.value or b"", type=SlaChanged)
            for record in self.broker.log(SLA.name)
        ]
        return [(one.ticket_id, one.state.value, one.threshold) for one in events]


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    engine = open_engine(f"sqlite:///{tmp_path}/notify.db")
    async with engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)
    yield Service(engine, MemoryBroker(), CollectorRegistry())
    await engine.dispose()


async def test_the_same_batch_delivered_again_changes_nothing(service: Service) -> None:
    service.tell(ticket(wrote(0)), ticket(wrote(0), answered(5), name="t2"))
    service.tick(61)
    await service.pump().run_until_idle()
    before = (service.said(), await rows(service))

    await service.pump(CollectorRegistry()).run_until_idle()

    assert before[0] == [("t1", "breached", 1.0), ("t2", "met", None)]
    assert (service.said(), await rows(service)) == before


async def test_the_same_events_under_new_offsets_announce_nothing_again(service: Service) -> None:
    for _ in range(2):
        service.tell(ticket(wrote(0)))
        service.tick(61)
        await service.pump(CollectorRegistry()).run_until_idle()

    assert service.said() == [("t1", "breached", 1.0)]


async def test_an_old_version_is_ignored_in_the_batch_and_after_it(service: Service) -> None:
    new, old = ticket(wrote(0), answered(5), version=2), ticket(wrote(0))
    service.tell(new, old)
    await service.pump(CollectorRegistry()).run_until_idle()
    service.tell(old)
    service.tick(500)
    await service.pump(CollectorRegistry()).run_until_idle()

    assert service.said() == [("t1", "met", None)]


async def test_a_reply_in_the_same_batch_as_the_tick_is_merged_first(service: Service) -> None:
    service.tell(ticket(wrote(0)))
    service.tick(61)
    service.tell(ticket(wrote(0), answered(50), version=2))
    await service.pump().run_until_idle()

    assert service.said() == [("t1", "met", None)]


async def test_a_tick_of_another_partition_says_nothing_here(service: Service) -> None:
    service.tell(ticket(wrote(0)))
    service.tick(500, partition=4)
    await service.pump().run_until_idle()

    assert service.said() == []


async def test_a_tick_that_goes_back_changes_nothing(service: Service) -> None:
    service.tick(61)
    service.tell(ticket(wrote(50)))
    service.tick(30)
    await service.pump().run_until_idle(batch=1)

    assert service.said() == []


async def test_a_late_fact_after_the_breach_is_corrected_across_restarts(service: Service) -> None:
    service.tell(ticket(wrote(0)))
    service.tick(61)
    await service.pump().run_until_idle()
    service.tell(ticket(wrote(0), answered(50, received=65), version=2))
    await service.pump(CollectorRegistry()).run_until_idle()

    assert [state for _, state, _ in service.said()] == ["breached", "corrected", "met"]


async def test_outputs_go_to_the_partition_and_trace_of_their_cause(service: Service) -> None:
    service.tell(ticket(wrote(0)), partition=7)
    service.tick(61, partition=7)
    await service.pump().run_until_idle(batch=1)

    (record,) = service.broker.log(SLA.name)
    assert (record.partition, record.key) == (7, b"t1")
    assert ("traceparent", TRACE.encode()) in record.headers


async def test_an_unreadable_calendar_is_a_dead_letter_and_the_others_go_on(
    service: Service,
) -> None:
    nowhere = Calendar(timezone="Mars/Base", weekly=ALWAYS.weekly)
    service.tell(
        ticket(wrote(0), name="bad", promised=terms(calendar=nowhere)),
        ticket(wrote(0), answered(1), name="good"),
    )
    await service.pump().run_until_idle()

    assert service.said() == [("good", "met", None)]
    assert len(service.broker.log("notify.dead-letters.v1")) == 1


async def test_a_tick_reads_what_is_due_and_not_what_is_open(service: Service) -> None:
    service.tell(*(ticket(wrote(100), name=f"open{n}") for n in range(150)))
    service.tell(ticket(wrote(0), name="due"))
    await service.pump().run_until_idle()
    service.tick(61)
    seen: list[str] = []
    event.listen(
        service.engine.sync_engine,
        "before_cursor_execute",
        lambda _c, _cursor, statement, parameters, _x, _many: seen.append(
            f"{statement} {parameters}"
        ),
    )

    await service.pump(CollectorRegistry()).run_until_idle()

    assert service.said() == [("due", "breached", 1.0)]
    assert not [statement for statement in seen if "open1" in statement]
    assert len(seen) < 40


async def test_no_words_of_a_customer_are_kept(service: Service) -> None:
    service.tell(ticket(wrote(0)))
    await service.pump().run_until_idle()

    async with service.engine.connect() as connection:
        body = (await connection.exec_driver_sql("select body from notify_tickets")).scalar_one()
    assert b"words of a customer" not in body


async def test_figures_count_the_overdue_as_late_and_leave_out_what_is_not_due(
    service: Service,
) -> None:
    service.tell(
        ticket(wrote(0), answered(5), name="kept"),
        ticket(wrote(0), answered(90), name="late"),
        ticket(wrote(0), name="overdue"),
        ticket(wrote(100), name="running"),
        ticket(wrote(0), closed(5), name="void"),
    )
    service.tick(120)
    await service.pump().run_until_idle()
    figures = Figures(service.engine)

    counts = await figures.counts(read_period("2026-03-02"))
    facts = await figures.facts(datetime(2026, 3, 2, 12, 0, tzinfo=UTC))

    (row,) = counts.rows
    assert (row.within, row.due, row.running) == (1, 3, 1)
    assert counts.as_of == at(120)
    assert (await figures.counts(read_period("2026-03-01"))).rows == ()
    assert facts.open_tickets == {
        ("acme", "care", "high", "1h"): 1,
        ("acme", "care", "high", "6h"): 3,
    }
    labels = ("acme", "care", "high", "first_response")
    assert facts.open_clocks == {(*labels, "breached"): 1, (*labels, "running"): 1}


async def test_verdicts_are_counted_once_per_clock_and_answers_once(service: Service) -> None:
    service.tell(ticket(wrote(0)))
    pump = service.pump()
    for minute in (46, 61, 91):
        service.tick(minute)
        await pump.run_until_idle(batch=1)
    for version in (2, 3):
        service.tell(ticket(wrote(0), answered(100), version=version))
        await pump.run_until_idle()

    value = service.registry.get_sample_value
    labels = {"brand": "acme", "team": "care"}
    verdict = {**labels, "priority": "high", "clock": "first_response", "verdict": "breached"}
    assert value("otklik_sla_verdicts_total", verdict) == 1
    assert value("otklik_response_seconds_count", {**labels, "time": "wall"}) == 1
    assert value("otklik_response_seconds_sum", {**labels, "time": "working"}) == 6000


async def rows(service: Service) -> tuple[int, int]:
    async with service.engine.connect() as connection:
        told_rows = await connection.execute(select(func.count()).select_from(ANNOUNCED))
        clock_rows = await connection.execute(select(func.count()).select_from(CLOCKS))
        return told_rows.scalar_one(), clock_rows.scalar_one()

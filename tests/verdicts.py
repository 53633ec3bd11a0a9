"""What notify remembers and says, whatever database it keeps: one suite, run on each of them.

Three inputs break the easy version: the same batch delivered again (announced twice, or counted
twice), an old version after a newer one (a stopped clock starts again), and a tick of another
partition (a breach announced from a clock that its own pipeline has not reached).
"""

from datetime import UTC, datetime

from prometheus_client import CollectorRegistry
from sqlalchemy import event

from schemas.calendars import Calendar
from schemas.topics import SLA, TICKETS
from services.notify.domain.figures import read_period
from services.notify.domain.report import Wanted
from services.notify.handlers import Timing
from services.notify.metrics import Metrics, Pairs
from services.notify.store.cases import NotifyStore
from services.notify.store.figures import Figures
from services.notify.store.reports import Reports
from stream.flow import Batch
from tests.notify_service import TRACE, Service, rows
from tests.unit.notify.builders import answered, at, closed, terms, ticket, wrote
from worktime.always import ALWAYS

NO_WISHES = Wanted(bounds={}, cases_a_day=1, reviewed_a_day=1)


class Verdicts:
    """The suite; a subclass says in ``service`` what it runs on."""

    async def test_the_same_batch_delivered_again_changes_nothing(self, service: Service) -> None:
        service.tell(ticket(wrote(0)), ticket(wrote(0), answered(5), name="t2"))
        service.tick(61)
        await service.pump().run_until_idle()
        before = (service.said(), await rows(service))

        await service.pump(CollectorRegistry()).run_until_idle()

        assert before[0] == [("t1", "breached", 1.0), ("t2", "met", None)]
        assert (service.said(), await rows(service)) == before

    async def test_the_same_events_under_new_offsets_announce_nothing_again(
        self, service: Service
    ) -> None:
        for _ in range(2):
            service.tell(ticket(wrote(0)))
            service.tick(61)
            await service.pump(CollectorRegistry()).run_until_idle()

        assert service.said() == [("t1", "breached", 1.0)]

    async def test_an_old_version_is_ignored_in_the_batch_and_after_it(
        self, service: Service
    ) -> None:
        new, old = ticket(wrote(0), answered(5), version=2), ticket(wrote(0))
        service.tell(new, old)
        await service.pump(CollectorRegistry()).run_until_idle()
        service.tell(old)
        service.tick(500)
        await service.pump(CollectorRegistry()).run_until_idle()

        assert service.said() == [("t1", "met", None)]

    async def test_a_reply_in_the_same_batch_as_the_tick_is_merged_first(
        self, service: Service
    ) -> None:
        service.tell(ticket(wrote(0)))
        service.tick(61)
        service.tell(ticket(wrote(0), answered(50), version=2))
        await service.pump().run_until_idle()

        assert service.said() == [("t1", "met", None)]

    async def test_a_reply_in_the_same_batch_as_the_tick_that_passes_its_instant_is_merged_first(
        self, service: Service
    ) -> None:
        service.tell(ticket(wrote(0)))
        await service.pump().run_until_idle()
        service.tell(ticket(wrote(0), answered(50), version=2))
        service.tick(61)
        await service.pump(CollectorRegistry()).run_until_idle()

        assert service.said() == [("t1", "met", None)]

    async def test_a_tick_of_another_partition_says_nothing_here(self, service: Service) -> None:
        service.tell(ticket(wrote(0)))
        service.tick(500, partition=4)
        await service.pump().run_until_idle()

        assert service.said() == []

    async def test_a_tick_that_goes_back_changes_nothing(self, service: Service) -> None:
        service.tick(61)
        service.tell(ticket(wrote(50)))
        service.tick(30)
        service.tell(ticket(wrote(0), name="t2"))
        await service.pump().run_until_idle(batch=1)

        assert service.said() == [("t2", "breached", 1.0)]

    async def test_a_late_fact_after_the_breach_is_corrected_across_restarts(
        self, service: Service
    ) -> None:
        service.tell(ticket(wrote(0)))
        service.tick(61)
        await service.pump().run_until_idle()
        service.tell(ticket(wrote(0), answered(50, received=65), version=2))
        await service.pump(CollectorRegistry()).run_until_idle()

        assert [state for _, state, _ in service.said()] == ["breached", "corrected", "met"]

    async def test_outputs_go_to_the_partition_and_trace_of_their_cause(
        self, service: Service
    ) -> None:
        service.tell(ticket(wrote(0)), partition=7)
        service.tick(61, partition=7)
        await service.pump().run_until_idle(batch=1)

        (record,) = service.broker.log(SLA.name)
        assert (record.partition, record.key) == (7, b"t1")
        assert ("traceparent", TRACE.encode()) in record.headers

    async def test_an_unreadable_calendar_is_a_dead_letter_and_the_others_go_on(
        self, service: Service
    ) -> None:
        nowhere = Calendar(timezone="Mars/Base", weekly=ALWAYS.weekly)
        service.tell(
            ticket(wrote(0), name="bad", promised=terms(calendar=nowhere)),
            ticket(wrote(0), answered(1), name="good"),
        )
        await service.pump().run_until_idle()

        assert service.said() == [("good", "met", None)]
        assert len(service.broker.log("notify.dead-letters.v1")) == 1

    async def test_a_tick_reads_what_is_due_and_not_what_is_open(self, service: Service) -> None:
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

    async def test_what_fell_due_in_a_silent_pipeline_is_announced_blind_and_once(
        self, service: Service
    ) -> None:
        service.tell(ticket(wrote(0)), ticket(wrote(40), name="later"))
        service.tick(30)
        await service.pump(CollectorRegistry()).run_until_idle()
        for minutes in (20, 40, 40):
            await service.hears_nothing(minutes)

        assert service.said() == [("t1", "at_risk", 0.75), ("t1", "breached", 1.0)]
        assert [event.blind for event in service.events()] == [True, True]
        service.tick(70)
        await service.pump(CollectorRegistry()).run_until_idle()
        assert len(service.said()) == 2, "the tick that comes after all tells nothing again"

    async def test_a_reply_behind_the_silence_corrects_what_was_announced_blind(
        self, service: Service
    ) -> None:
        service.tell(ticket(wrote(0)))
        service.tick(30)
        await service.pump(CollectorRegistry()).run_until_idle()
        await service.hears_nothing(40)
        service.tell(ticket(wrote(0), answered(50, received=75), version=2))
        service.tick(80)
        await service.pump(CollectorRegistry()).run_until_idle()

        blind, corrected, met = service.events()
        assert (blind.state.value, blind.blind) == ("breached", True)
        assert (corrected.state.value, corrected.corrects) == ("corrected", blind.event_id)
        assert met.state.value == "met"

    async def test_a_pipeline_that_never_told_anything_is_not_late(self, service: Service) -> None:
        service.tell(ticket(wrote(0)))
        await service.pump(CollectorRegistry()).run_until_idle()
        await service.hears_nothing(1000)

        assert service.said() == []

    async def test_a_cycle_that_never_was_leaves_no_row(self, service: Service) -> None:
        promised = terms(first_response=60, next_response=60)
        service.tell(ticket(wrote(0), answered(5), wrote(20), promised=promised))
        await service.pump(CollectorRegistry()).run_until_idle()
        before = await rows(service)
        service.tell(ticket(wrote(0), answered(5), wrote(20), closed(10), version=2))
        await service.pump(CollectorRegistry()).run_until_idle()

        assert (before[1], (await rows(service))[1]) == (2, 1)

    async def test_a_step_that_did_not_take_hold_is_taken_again_in_full(
        self, service: Service
    ) -> None:
        service.tell(ticket(wrote(0)))
        service.tick(30)
        await service.pump(CollectorRegistry()).run_until_idle()
        timing = Timing(Metrics(CollectorRegistry(), Pairs()))
        behind = Batch(topic=TICKETS.name, partition=3, messages=(), tick=at(61))

        async with service.engine.connect() as connection:
            step = await connection.begin()
            lost = await timing.handle([behind], NotifyStore(connection))
            await step.rollback()
        async with service.engine.begin() as connection:
            again = await timing.handle([behind], NotifyStore(connection))

        assert [one.event_id for one in lost] == [one.event_id for one in again] != []

    async def test_no_words_of_a_customer_are_kept(self, service: Service) -> None:
        service.tell(ticket(wrote(0)))
        await service.pump().run_until_idle()

        async with service.engine.connect() as connection:
            body = (
                await connection.exec_driver_sql("select body from notify_tickets")
            ).scalar_one()
        assert b"words of a customer" not in body

    async def test_figures_count_the_overdue_as_late_and_leave_out_what_is_not_due(
        self, service: Service
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

        counts = await Reports(service.engine, NO_WISHES).of(read_period("2026-03-02"))
        facts = await figures.facts(datetime(2026, 3, 2, 12, 0, tzinfo=UTC))

        kept, running = counts.of("attainment"), counts.of("not_due")
        assert [(one.part, one.whole) for one in kept] == [(1, 3)]
        assert [(one.part, one.at) for one in running] == [(1, kept[0].at)]
        assert counts.as_of == at(120)
        assert (
            await Reports(service.engine, NO_WISHES).of(read_period("2026-03-01"))
        ).figures == ()
        assert facts.open_tickets == {
            ("acme", "care", "high", "1h"): 1,
            ("acme", "care", "high", "6h"): 3,
        }
        labels = ("acme", "care", "high", "first_response")
        assert facts.open_clocks == {(*labels, "breached"): 1, (*labels, "running"): 1}

    async def test_verdicts_are_counted_once_per_clock_and_answers_once(
        self, service: Service
    ) -> None:
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

"""Facts go stale, pairs are bounded, and delay is measured when the broker has acked."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry, generate_latest

from schemas.topics import SLA
from services.notify.domain.announce import Heard
from services.notify.domain.figures import Facts
from services.notify.domain.settle import merged, settle
from services.notify.metrics import FactsCollector, Metrics, Pairs, TimedPublish
from stream.flow import Origin, Outgoing, outgoing
from tests.unit.notify.builders import at, ticket, told, wrote


class Watch:
    def __init__(self) -> None:
        self.at = at(0)

    def __call__(self) -> datetime:
        return self.at


def test_facts_are_not_exported_once_older_than_two_refreshes() -> None:
    watch, registry = Watch(), CollectorRegistry()
    facts = FactsCollector(Pairs(), watch, refresh_seconds=5)
    registry.register(facts)
    empty = generate_latest(registry)
    facts.put(Facts(open_tickets={("acme", "care", "high", "1h"): 2}))
    watch.at += timedelta(seconds=10)
    fresh = generate_latest(registry)
    watch.at += timedelta(seconds=1)
    stale = generate_latest(registry)

    sample = b'otklik_open_tickets{age="1h",brand="acme",priority="high",team="care"} 2.0'
    assert empty == b""
    assert sample in fresh
    assert b"open_tickets" not in stale
    assert b"otklik_facts_timestamp_seconds 1" in stale


def test_pairs_beyond_sixty_are_summed_as_other() -> None:
    watch, registry = Watch(), CollectorRegistry()
    facts = FactsCollector(Pairs(), watch, refresh_seconds=5)
    registry.register(facts)
    facts.put(Facts(open_tickets={("acme", f"t{n:02}", "low", "1h"): 1 for n in range(63)}))

    labels = {"brand": "other", "team": "other", "priority": "low", "age": "1h"}
    assert registry.get_sample_value("otklik_open_tickets", labels) == 3


def test_what_other_says_adds_up_with_the_rest_to_what_all_teams_have() -> None:
    registry, teams = CollectorRegistry(), [f"t{n:02}" for n in range(70)]
    facts = FactsCollector(Pairs(), Watch(), refresh_seconds=5)
    registry.register(facts)
    answers = ("first_response", "1h", "24h", "actual")
    facts.put(
        Facts(
            open_tickets={("acme", team, "low", "1h"): n for n, team in enumerate(teams)},
            open_clocks={
                ("acme", team, "low", "first_response", "running"): n
                for n, team in enumerate(teams)
            },
            attainment={
                ("acme", team, *answers, part): n + more
                for n, team in enumerate(teams)
                for part, more in (("within", 0), ("all", 1))
            },
            oldest={("acme", team, "low"): n / 10 for n, team in enumerate(teams)},
        )
    )

    samples = {one.name: one.samples for one in registry.collect()}
    whole = sum(range(70))
    assert sum(one.value for one in samples["otklik_open_tickets"]) == whole
    assert sum(one.value for one in samples["otklik_open_clocks"]) == whole
    for part, value in (("within", whole), ("all", whole + 70)):
        of = [one for one in samples["otklik_attainment_tickets"] if one.labels["part"] == part]
        assert (len(of), sum(one.value for one in of)) == (61, value)
    rest = {"brand": "other", "team": "other", "priority": "low"}
    assert registry.get_sample_value("otklik_oldest_unanswered_ratio", rest) == 6.9


async def test_delay_is_measured_for_thresholds_found_in_time_once_acked() -> None:
    registry = CollectorRegistry()
    acked: list[Outgoing] = []

    async def publish(outputs: Sequence[Outgoing]) -> Sequence[int]:
        acked.extend(outputs)
        return list(range(len(outputs)))

    timed = TimedPublish(
        publish, Metrics(registry, Pairs()), lambda instant: (at(62) - instant).total_seconds()
    )
    heard = Heard(until=at(62))
    live, late = (
        merged(None, told(ticket(wrote(0, received=received))), None, None)
        for received in (0.0, 61.0)
    )
    assert live
    assert late
    events = [*settle(live, heard).events, *settle(late, heard).events]
    outputs = [
        outgoing(e, topic=SLA, key="t1", partition=0, origin=Origin(service="notify", brand="acme"))
        for e in events
    ]

    await timed(outputs)

    assert len(acked) == 2
    assert registry.get_sample_value("otklik_sla_event_delay_seconds_count") == 1
    assert registry.get_sample_value("otklik_sla_event_delay_seconds_sum") == 120

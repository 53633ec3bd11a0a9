"""Every case of the benchmark runs and moves every message, at a tiny size; no time is asked.

The inputs that break the easy version: a case that is killed before it prints; a window that the
warming up alone would fill; a tick that finds the tickets of the one before it once more; a case
that was answered and is late all the same.
"""

import asyncio
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from bench.calling import CALLING, calling
from bench.case import Bare, Hop, Pump, Steps
from bench.chain import Load, passage
from bench.hops import trips_of_a_step
from bench.judged import fill_classified
from bench.open_alerts import Stock as Alerts
from bench.open_clocks import PARTITIONS, Stock
from bench.past_clocks import Past
from bench.posted import WRITTEN, fill
from bench.pumps import PUMPS
from bench.refreshing import refreshed
from bench.refreshing import stocked as fill_past
from bench.rounds import alone
from bench.scraping import scrapes_ms
from bench.telling import SHARES, telling, waits_of
from bench.telling import Load as TicketLoad
from bench.ticking import stocked, ticked
from bench.turning import stocked as fill_alerts
from bench.turning import turned
from deploy.local.process import LaunchError
from schemas.topics import DECISIONS
from stream.reading import read_all
from stream.settings import PumpName
from stream.topic_admin import Cluster

TOTAL = 900


@pytest.fixture
async def filled(cluster: Cluster) -> Cluster:
    await fill(cluster, TOTAL)
    return cluster


async def test_the_bare_loop_moves_every_message(filled: Cluster) -> None:
    cost = alone(Bare(cluster=filled, group=f"{filled.prefix}.bare", total=TOTAL))

    assert 0 < cost.messages < TOTAL
    assert len(await read_all(filled, WRITTEN)) == TOTAL


@pytest.mark.parametrize("kind", PUMPS)
async def test_a_pump_moves_every_message(filled: Cluster, kind: PumpName) -> None:
    cost = alone(Pump(cluster=filled, group=f"{filled.prefix}.p", total=TOTAL, kind=kind))

    assert 0 < cost.messages < TOTAL
    written = await read_all(filled, WRITTEN)
    assert len({dict(record.headers)["ce_id"] for record in written}) == TOTAL


def test_the_ledger_takes_every_step(database_url: str) -> None:
    cost = alone(Steps(database_url=database_url, table="tiny", batch=10, total=100))

    assert cost.messages == 90


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_the_hops_move_every_post(
    cluster: Cluster, database_url: str, tmp_path: Path
) -> None:
    await fill_classified(cluster, TOTAL)
    trips = await trips_of_a_step(f"sqlite:///{tmp_path / 'trips.db'}")

    for kind, asked in (("route", None), ("bare", trips)):
        hop = Hop(
            cluster=cluster,
            group=f"{cluster.prefix}.{kind}",
            total=TOTAL,
            database_url=database_url,
            trips=asked,
        )
        assert 0 < alone(hop).messages < TOTAL

    assert trips > 5
    decided = await read_all(cluster, DECISIONS)
    assert len(decided) >= 2 * TOTAL


def test_a_case_that_fails_says_why() -> None:
    with pytest.raises(LaunchError, match="sqlite3"):
        alone(Steps(database_url="sqlite:////no/such/folder/x.db", table="t", batch=1, total=9))


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_the_chain_brings_every_post_to_a_decision(
    cluster: Cluster, database_url: str, tmp_path: Path
) -> None:
    load = Load(name="tiny", posts=60, per_second=200)

    found = passage(cluster, database_url, tmp_path / "chain", load)

    assert found.posts == 60
    assert found.tickets == 60
    assert set(found.cpu_us) == {"ingest", "classify", "route", "notify"}
    assert found.p50_ms <= found.p99_ms
    assert msgspec.json.encode(found)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_every_post_that_cannot_wait_rings(
    cluster: Cluster, database_url: str, tmp_path: Path
) -> None:
    load = Load(name="tiny", posts=60, per_second=200, calling=CALLING)

    found = calling(cluster, database_url, tmp_path / "calls", load)

    assert found.calls == load.calls == 3
    assert 0 < found.p50_ms <= found.p99_ms


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_tick_announces_what_fell_due_since_the_one_before(database_url: str) -> None:
    stocked(database_url, Stock(clocks=PARTITIONS * 3 * 5, due_at_once=3))

    first, second = (ticked(database_url, turns) for turns in (range(2), range(2, 5)))

    assert (first.announced, second.announced) == (3, 3)
    assert second.entries >= 3
    assert second.rows >= 3
    assert second.cpu_us > 0


def test_the_facts_are_of_every_team_and_of_all_that_was_asked(database_url: str) -> None:
    fill_past(database_url, Past(tickets=6_000))

    seconds, facts = refreshed(database_url)

    assert seconds > 0
    assert sum(facts.open_tickets.values()) == sum(facts.open_clocks.values()) == 60
    every = {
        key: n for key, n in facts.attainment.items() if key[3:] == ("1h", "30d", "actual", "all")
    }
    assert len({key[:2] for key in facts.attainment}) == 60
    assert sum(every.values()) == pytest.approx(4_275, abs=75)


def test_a_scrape_is_timed_as_often_as_asked() -> None:
    took = scrapes_ms(pairs=2, scrapes=3)

    assert len(took) == 3
    assert min(took) > 0


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_turn_reads_the_groups_that_are_due_and_no_others(database_url: str) -> None:
    fill_alerts(database_url, Alerts(groups=2_000, each=10, due_at_once=3))

    found = turned(database_url, range(6))

    assert found.due == 3
    # each group, its ten alerts, and what is fetched to be written; an entry that an update
    # has left behind is looked at once more
    assert found.rows <= 13 * found.due
    assert found.entries <= 3 * found.due + 6


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_every_promise_that_was_broken_is_told(
    cluster: Cluster, database_url: str, tmp_path: Path
) -> None:
    load = TicketLoad(events=60, per_second=200, target=timedelta(seconds=2))

    found = await asyncio.to_thread(telling, cluster, database_url, tmp_path / "sla", load)

    waits = await waits_of(cluster)
    assert load.overdue == 20
    assert len(waits[SHARES[-1]]) == 20
    assert found.told == sum(map(len, waits.values()))
    assert 0 <= found.p50_ms <= found.p99_ms

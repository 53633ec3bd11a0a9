"""Every case of the benchmark runs and moves every message, at a tiny size; no time is asked.

The inputs that break the easy version: a case that is killed before it prints; a window that the
warming up alone would fill.
"""

from pathlib import Path

import msgspec
import pytest

from bench.case import Bare, Hop, Pump, Steps
from bench.chain import Load, passage
from bench.hops import trips_of_a_step
from bench.judged import fill_classified
from bench.posted import WRITTEN, fill
from bench.pumps import PUMPS
from bench.rounds import alone
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

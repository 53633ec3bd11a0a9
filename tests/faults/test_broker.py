"""The broker freezes, dies and comes back; the members wait, stay alive and go on by themselves.

The inputs that break the easy version: a freeze in which no connection is ever refused; an outage
longer than the probe's patience; a broker that is not there when the service starts.
"""

import asyncio
import subprocess
from pathlib import Path

import pytest

from deploy.local.node import free_ports
from deploy.local.process import tail
from stream.topic_admin import Cluster
from tests.faults.member import Probe
from tests.faults.servers import Broker
from tests.faults.story import Story
from tests.processes import start

BURST = 6000
BRANDS = "services/ingest/brands.example.yaml"


async def outlives(member: Probe, broker: Broker, seconds: float) -> None:
    """It does not exit, and says that it lives, until the broker has been away for so long."""
    while broker.away() < seconds:
        assert (await member.get("/livez")).status_code == 200
        with pytest.raises(subprocess.TimeoutExpired):
            await asyncio.to_thread(member.child.process.wait, 1.0)


async def test_a_frozen_broker_is_waited_for(stateful: Story, broker: Broker) -> None:
    member = stateful.start()
    await stateful.load(BURST)
    await stateful.at_work()
    broker.pause()
    stateful.release()
    await outlives(member, broker, 30.0)
    broker.resume()

    await stateful.holds()
    assert (await member.get("/livez")).status_code == 200


async def test_a_killed_broker_is_waited_for(stateful: Story, broker: Broker) -> None:
    member = stateful.start()
    await stateful.load(BURST)
    await stateful.at_work()
    broker.kill()
    stateful.release()
    await outlives(member, broker, 65.0)
    broker.restart()

    await stateful.holds()
    assert (await member.get("/livez")).status_code == 200
    assert member.child.is_running()


@pytest.mark.parametrize("service", ["ingest", "classify", "route", "notify"])
def test_without_a_broker_a_service_ends_with_one_clear_line(service: str, tmp_path: Path) -> None:
    nowhere = Cluster(bootstrap=free_ports().bootstrap, prefix="t", partitions=12)
    settings = {"BRANDS": BRANDS, "DATABASE_URL": f"sqlite:///{tmp_path / 's.db'}"}
    child = start(service, nowhere, tmp_path, **settings)

    code = child.process.wait(20)
    child.stop()

    assert code != 0
    last = tail(tmp_path / f"{service}.log").splitlines()[-1]
    assert f"expected a Kafka broker at {nowhere.bootstrap}, none answers" in last


async def test_a_stop_does_not_wait_for_a_frozen_broker(stateful: Story, broker: Broker) -> None:
    member = stateful.start()
    await stateful.load(BURST)
    await stateful.at_work()
    broker.pause()
    try:
        code = stateful.terminate(member)
    finally:
        broker.resume()
    stateful.start()

    assert code == 0 or member.said("Faust did not stop")
    await stateful.holds()

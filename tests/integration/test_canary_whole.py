"""A canary through four processes and a real Kafka: every hop is noted, nothing is counted.

The inputs that break the easy version: a real customer beside it, who alone is counted; a service
that is stopped, behind which every hop must stand still while those before it go on; a port that
the deployment leaves free to choose.
"""

import asyncio
import base64
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import httpx
import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families

from deploy.demo.settings import SECRET, TOKEN, settings
from deploy.demo.stack import Stack, start_services, wait_ready
from deploy.local.process import tail
from schemas.event import CANARY, PipelineTick, Topic
from schemas.tickets import TicketEvent
from schemas.topics import ALERTS, DECISIONS, POSTS, SERVICES, SLA, TICKETS, TOPICS
from services.route.channels.webhook import sign
from stream.clock import parse_clock
from stream.database import open_engine
from stream.reading import read_all
from stream.topic_admin import Cluster, create
from tests.builders import a_record
from tests.processes import PATIENCE, write_records
from tests.stored import everything_in

HOPS = {"ingest", "classify", "route", "channel", "notify"}
CLOCK = parse_clock("")
CHANNEL_HEALTH = (
    "otklik_alert_attempts_total",
    "otklik_alert_attempts_created",
    "otklik_alert_oldest_pending_seconds",
    "otklik_alert_breaker_open",
)
"""What is known of the channel that calls nobody: whether its sender lives."""


class House:
    """Four services, their metrics, and what their topics hold."""

    def __init__(self, stack: Stack, client: httpx.AsyncClient) -> None:
        self.stack, self.client = stack, client

    async def samples(self) -> dict[str, dict[str, float]]:
        """What each service that runs exports, by name and labels."""
        found: dict[str, dict[str, float]] = {}
        for name, child in self.stack.children.items():
            if child.is_running():
                answer = await self.client.get(f"{self.stack.addresses[name]}/metrics")
                found[name] = {
                    f"{one.name} {sorted(one.labels.items())}": one.value
                    for family in text_string_to_metric_families(answer.text)
                    for one in family.samples
                }
        return found

    async def hops(self) -> Mapping[str, float]:
        """When the canary has passed each hop, as far as it has."""
        name = "otklik_canary_timestamp_seconds [('hop', '"
        return {
            key.removeprefix(name).removesuffix("')]"): value
            for samples in (await self.samples()).values()
            for key, value in samples.items()
            if key.startswith(name)
        }

    async def passed(self, hops: set[str], after: float) -> Mapping[str, float]:
        """Wait until it has passed all of these since then."""
        async with asyncio.timeout(PATIENCE):
            while True:
                found = await self.hops()
                if {hop for hop, at in found.items() if at > after} >= hops:
                    return found
                assert all(one.is_running() for one in self.stack.children.values()) or after, (
                    self.logs()
                )

    async def counted(self, service: str, sample: str) -> None:
        """Wait until a service has counted that."""
        async with asyncio.timeout(PATIENCE):
            while not any(one.startswith(sample) for one in (await self.samples())[service]):
                pass

    async def deliver(self, post: dict[str, str]) -> None:
        """A signed delivery of a customer's post."""
        body, secret = msgspec.json.encode(post), base64.b64decode(SECRET.removeprefix("whsec_"))
        headers = sign(secret, post["id"], CLOCK.real(), body)
        url = f"{self.stack.addresses['hooks']}/v1/hooks/generic/bank"
        answer = await self.client.post(url, content=body, headers=headers)
        assert answer.status_code == 202

    async def brands(self, topic: Topic, at_least: int = 0) -> list[str]:
        """Whose events lie on a topic, but for ticks."""
        records = await read_all(self.stack.cluster, topic, at_least=at_least)
        return [dict(one.headers)["otklik_brand"].decode() for one in records if one.key != b"tick"]

    async def tick(self) -> None:
        """A tick on every partition, as ingest would send it."""
        now, partitions = CLOCK.now(), self.stack.cluster.partitions
        tick = PipelineTick(event_id="after-ingest", occurred_at=now, received_before=now)
        records = [a_record(tick, topic=POSTS.name, partition=n) for n in range(partitions)]
        await write_records(self.stack.cluster, records)

    async def rid_of_it(self, name: str) -> str:
        """All that a store holds, once no canary is on its way in it."""
        engine = open_engine(f"sqlite:///{self.stack.folder / name}.db")
        async with asyncio.timeout(PATIENCE):
            while CANARY in (held := await everything_in(engine)):
                pass
        await engine.dispose()
        return held

    def logs(self) -> str:
        return "\n".join(tail(self.stack.folder / f"{name}.log") for name in SERVICES)


@pytest.fixture
async def house(cluster: Cluster, tmp_path: Path) -> AsyncIterator[House]:
    await create(cluster, TOPICS)
    stack = Stack(cluster=cluster, addresses={}, folder=tmp_path)
    given = {**settings(tmp_path, alerts="log:"), "CANARY_SECONDS": "0.3"}
    try:
        start_services(stack, given)
        await asyncio.to_thread(wait_ready, stack)
        async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
            yield House(stack, client)
    finally:
        stack.stop_services()


async def test_it_passes_every_hop_and_no_figure_has_it(house: House) -> None:
    begun = CLOCK.real().timestamp()
    stolen = "У меня украли карту, прямо сейчас списывают деньги! Срочно заблокируйте!"

    await house.passed(HOPS, begun)
    await house.deliver({"id": "p1", "text": stolen, "author": "anna"})
    decided = "otklik_decisions_total [('brand', 'severbank')"
    await house.counted("route", decided)
    await house.passed(HOPS, CLOCK.real().timestamp())
    samples = await house.samples()
    token = {"authorization": f"Bearer {TOKEN}"}
    listed = await house.client.get(f"{house.stack.addresses['route']}/v1/tickets", headers=token)

    named = {key for found in samples.values() for key in found if f"'{CANARY}'" in key}
    assert {key for key in named if not key.startswith(CHANNEL_HEALTH)} == set()
    posts = {key: value for key, value in samples["ingest"].items() if "posts_total" in key}
    assert sum(value for key, value in posts.items() if "'severbank'" in key) == 1
    assert sum(posts.values()) == 1
    accepted = "otklik_requests_total [('outcome', 'accepted'), ('source', 'generic')]"
    assert samples["ingest"][accepted] == 1
    assert [ticket["brand"] for ticket in listed.json()] == ["severbank"]
    assert await house.brands(DECISIONS, 1) == ["severbank"]
    assert set(await house.brands(ALERTS)) <= {"severbank"}
    assert set(await house.brands(SLA)) <= {"severbank"}


async def test_its_ticket_is_one_that_subscribers_can_read_and_no_store_keeps_it(
    house: House,
) -> None:
    await house.passed(HOPS, CLOCK.real().timestamp())

    records = await read_all(house.stack.cluster, TICKETS, at_least=1)
    house.stack.children["ingest"].terminate()
    house.stack.children["ingest"].process.wait(PATIENCE)
    await house.tick()  # which takes along what was stored to be told and is not yet
    kept = {name: await house.rid_of_it(name) for name in ("ingest", "route", "notify")}

    tickets = [
        msgspec.json.decode(one.value or b"", type=TicketEvent)
        for one in records
        if one.key != b"tick"
    ]
    assert CANARY not in "\n".join(kept.values())
    assert {(one.ticket.brand, one.ticket.state.value) for one in tickets} == {(CANARY, "closed")}


async def test_where_a_service_stops_every_hop_behind_it_stands_still(house: House) -> None:
    await house.passed(HOPS, CLOCK.real().timestamp())

    house.stack.children["classify"].terminate()
    house.stack.children["classify"].process.wait(PATIENCE)
    behind, before = ("route", "channel", "notify"), await house.hops()
    async with asyncio.timeout(PATIENCE):  # what had passed classify goes on to its end
        while True:
            after = await house.passed({"ingest"}, before.get("ingest", 0.0) + 2)
            if [after[hop] for hop in behind] == [before[hop] for hop in behind]:
                break
            before = after

    assert after["ingest"] > before["ingest"] + 2
    assert "classify" not in after

"""One trace from the webhook to the alert, through four processes on a real Kafka.

The inputs that break the easy version: an alert and an announcement hours later, which are linked
and not parented; a command, whose event waits in the outbox; a record that cannot be read; words,
names and secrets in three languages, of which no span may have a piece.
"""

import asyncio
import base64
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import msgspec
import pytest

from deploy.demo.settings import SECRET, TOKEN, settings
from deploy.demo.stack import Stack, start_services, wait_ready
from deploy.local.process import tail
from schemas.event import header
from schemas.topics import ALERTS, POSTS, SERVICES, SLA, TICKETS, TOPICS
from services.route.channels.webhook import sign
from stream.clock import parse_clock
from stream.flow import Outgoing
from stream.reading import read_all
from stream.topic_admin import Cluster, create
from tests.collector import Collector, Told, collecting
from tests.processes import PATIENCE, write_records

NAME, WORD = "Мария Канарейкина", "канареечныйтекст"
BULGARIAN, ENGLISH = "Стоянка Канарчева", "canarywording"
STOLEN = (
    f"@severbank У меня украли карту, прямо сейчас списывают деньги! {WORD}. "
    f"Откраднаха ми картата, {BULGARIAN}! My card was stolen, {ENGLISH}!"
)
PERSON = {"authorization": f"Bearer {TOKEN}"}
FACTOR = 600
"""Ten minutes a second: what falls due in a quarter of an hour is announced in this test."""
HOOK = "POST /v1/hooks/{source}/{account}"
SENDER = f"00-{'5' * 31}e-{'6' * 16}-01"


class House:
    """Four services and what a collector was told by them."""

    def __init__(self, stack: Stack, collector: Collector, client: httpx.AsyncClient) -> None:
        self.stack, self.collector, self.client = stack, collector, client

    async def deliver(self, message: str, text: str, **headers: str) -> None:
        """A signed delivery of a customer's post."""
        post = {
            "id": message,
            "author": {"id": "canary-author", "name": NAME, "handle": "canaryhandle"},
            "text": text,
            "mentions": ["severbank"],
        }
        body, secret = msgspec.json.encode(post), base64.b64decode(SECRET.removeprefix("whsec_"))
        signed = sign(secret, message, parse_clock("").real(), body)
        url = f"{self.stack.addresses['hooks']}/v1/hooks/generic/bank"
        answer = await self.client.post(url, content=body, headers={**signed, **headers})
        assert answer.status_code == 202, self.logs()

    async def ticket(self) -> dict[str, object]:
        """The stolen card's ticket, once there is one."""
        url = f"{self.stack.addresses['route']}/v1/tickets"
        async with asyncio.timeout(PATIENCE):
            while True:
                for ticket in (await self.client.get(url, headers=PERSON)).json():
                    if ticket["rule_id"] == "stolen-money":
                        return dict(ticket)
                assert self.stack.failed() is None, self.logs()

    async def claim(self, ticket: str, traceparent: str) -> None:
        """Somebody takes the case, in a trace of their own, whatever clocks do to it meanwhile."""
        url = f"{self.stack.addresses['route']}/v1/tickets/{ticket}"
        async with asyncio.timeout(PATIENCE):
            while True:
                seen = (await self.client.get(url, headers=PERSON)).json()
                version = {"if-match": f'"{seen["version"]}"', "traceparent": traceparent}
                answer = await self.client.post(f"{url}/claim", headers={**PERSON, **version})
                if answer.status_code == 200:
                    return
                assert answer.status_code in {409, 412}, answer.text

    async def until(self, true: Callable[[], object]) -> None:
        """Wait until a collector has been told enough."""
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while not true():
            assert self.stack.failed() is None
            told = sorted({(one.service, one.name) for one in self.collector.spans})
            assert asyncio.get_running_loop().time() < deadline, (told, self.logs())
            await self.client.get(f"{self.stack.addresses['route']}/livez")

    def logs(self) -> str:
        return "\n".join(tail(self.stack.folder / f"{name}.log") for name in SERVICES)


@pytest.fixture
def collector() -> Iterator[tuple[Collector, str]]:
    with collecting() as found:
        yield found


@asynccontextmanager
async def house_of(
    cluster: Cluster, folder: Path, collector: Collector, **given: str
) -> AsyncIterator[House]:
    await create(cluster, TOPICS)
    stack = Stack(cluster=cluster, addresses={}, folder=folder)
    now = parse_clock("").real()
    clock = f"{now.isoformat()}@{FACTOR}x/{now.timestamp():.3f}"
    try:
        start_services(stack, {**settings(folder, alerts="log:", clock=clock), **given})
        await asyncio.to_thread(wait_ready, stack)
        async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
            yield House(stack, collector, client)
    finally:
        stack.stop_services()


async def test_one_trace_from_the_webhook_to_the_alert_and_no_word_of_anybody(
    cluster: Cluster, tmp_path: Path, collector: tuple[Collector, str]
) -> None:
    found, address = collector
    given = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": address,
        "OTEL_TRACES_SAMPLER_ARG": "0",
        "OTEL_BSP_SCHEDULE_DELAY": "100",
    }
    async with house_of(cluster, tmp_path, found, **given) as house:
        await house.deliver("unrecorded", f"{WORD}, спасибо", traceparent=f"{SENDER[:-2]}00")
        await house.deliver("b1", STOLEN, traceparent=SENDER)
        ticket = await house.ticket()
        await house.until(lambda: found.named("deliver alert") and found.named("send sla.v1"))
        await house.until(lambda: found.named("process sla.v1"))
        await house.claim(str(ticket["id"]), SENDER.replace("5", "7"))
        commanded = SENDER.replace("5", "7").split("-")[1]
        await house.until(lambda: len([one for one in found.spans if one.trace == commanded]) > 1)
        await write_records(cluster, [_unreadable()])
        await house.until(lambda: [one for one in found.named("process posts.v1") if one.error])
    spans = found.spans

    _in_one_trace(cluster, spans)
    _commanded([one for one in spans if one.trace == commanded])
    _linked(spans, await _carried(cluster))
    assert set(found.paths) == {"/v1/traces"}
    broken = [one for one in spans if one.error]
    assert {one.said["error.type"] for one in broken} == {"wrong_shape"}
    told = found.everything()
    for secret in (NAME, WORD, BULGARIAN, ENGLISH, "canary", "Канар", SECRET, TOKEN, "anna"):
        assert secret not in told
    assert "severbank" not in told
    assert str(ticket["id"]) not in told


async def test_off_nobody_is_asked_and_nothing_is_told(
    cluster: Cluster, tmp_path: Path, collector: tuple[Collector, str]
) -> None:
    found, address = collector
    given = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": "",
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": f"{address}/v1/traces",
        "OTEL_BSP_SCHEDULE_DELAY": "100",
    }
    async with house_of(cluster, tmp_path, found, **given) as house:
        await house.deliver("b1", STOLEN)
        await house.ticket()
        await house.until(lambda: '"alert"' in (tmp_path / "route.log").read_text())
    records = [*await read_all(cluster, POSTS), *await read_all(cluster, TICKETS)]

    assert found.paths == []
    assert [header(one.headers, "traceparent") for one in records if one.key != b"tick"] != []
    assert {header(one.headers, "traceparent") for one in records} == {None}


def _in_one_trace(cluster: Cluster, spans: list[Told]) -> None:
    """The tree of the post, by service and name."""
    mine = [one for one in spans if one.trace == SENDER.split("-")[1]]
    by_id = {one.id: one for one in mine}
    edges = {
        (by_id[one.parent].name if one.parent in by_id else "", one.name, one.service)
        for one in mine
    }
    prefix = cluster.prefix
    assert edges == {
        ("", HOOK, f"{prefix}.ingest"),
        (HOOK, "send posts.v1", f"{prefix}.ingest"),
        ("send posts.v1", "process posts.v1", f"{prefix}.classify"),
        ("process posts.v1", "process classified.v1", f"{prefix}.route"),
        ("process classified.v1", "process decisions.v1", f"{prefix}.notify"),
        ("process classified.v1", "process tickets.v1", f"{prefix}.notify"),
    }
    (first,) = [one for one in mine if one.name == HOOK]
    assert first.parent == SENDER.split("-")[2]
    (read,) = [one for one in mine if one.name == "process posts.v1"]
    assert read.said["messaging.destination.name"] == f"{prefix}.posts.v1"
    assert read.said["messaging.consumer.group.name"] == f"{prefix}.classify"


def _commanded(spans: list[Told]) -> None:
    """A command's event waited in the outbox, and goes on in the command's trace."""
    asked = {one.id for one in spans if one.name == "POST /v1/tickets/{ticket_id}/claim"}
    (told,) = [one for one in spans if one.name == "process tickets.v1"]
    assert told.parent in asked


def _linked(spans: list[Told], carried: dict[str, set[str | None]]) -> None:
    """What came hours later: traces of their own, linked to what caused them."""
    trace = SENDER.split("-")[1]
    of = {(one.trace, one.id): one for one in spans}
    for later in ("deliver alert", "send sla.v1"):
        found = [one for one in spans if one.name == later]
        assert {one.parent for one in found} == {""}
        assert trace not in {one.trace for one in found}
        assert all(one.links and set(one.links) <= of.keys() for one in found)
    causes = {of[link].name for one in spans if one.name == "deliver alert" for link in one.links}
    assert causes >= {"process classified.v1"}
    (route,) = {
        link[1]
        for one in spans
        if one.name == "deliver alert"
        for link in one.links
        if link[0] == trace
    }
    assert f"00-{trace}-{route}-01" in {_plain(one) for one in carried[ALERTS.name]}
    announced = {one.id for one in spans if one.name == "send sla.v1"}
    assert {one.parent for one in spans if one.name == "process sla.v1"} <= announced


async def _carried(cluster: Cluster) -> dict[str, set[str | None]]:
    return {
        topic.name: {header(one.headers, "traceparent") for one in await read_all(cluster, topic)}
        for topic in (ALERTS, SLA)
    }


def _in(trace: str, span: Told) -> set[str]:
    """To which spans of a trace it is linked."""
    return {name for known, name in span.links if known == trace}


def _plain(traceparent: str | None) -> str:
    """Without the flag that says how the id was made."""
    return f"{(traceparent or '')[:-2]}01"


def _unreadable() -> Outgoing:
    return Outgoing(
        topic=POSTS.name,
        partition=0,
        key=NAME.encode(),
        value=msgspec.json.encode({"type": "SocialPost", "text": WORD, "author": NAME}),
        headers=(("traceparent", SENDER.replace("5", "9").encode()), ("ce_type", b"SocialPost")),
        event_id="none",
    )

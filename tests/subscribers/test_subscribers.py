"""Three small subscribers, in Python, Java and JavaScript, see every version of a ticket once.

The inputs that break the easy version: a route that is killed with work in hand and tells some
events twice; ticks and canaries on the same topic; a broker with TLS and passwords.
"""

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

import msgspec
import pytest

from deploy.demo.stack import ROOT
from deploy.local import guarded, kafka, npm
from deploy.local.grants import grant, rules_of
from deploy.local.guarded import ADMIN
from deploy.local.process import Child, Lifetime, spawn, tail
from deploy.local.runtime import MACHINE
from schemas.event import CANARY, header
from schemas.rights import PRINCIPALS, granted
from schemas.topics import CLASSIFIED, TICKETS, TOPICS
from stream.flow import Outgoing, Received
from stream.lag import behind
from stream.reading import read_all
from stream.topic_admin import Cluster, create
from tests.builders import MONDAY, a_classified, a_post, minutes
from tests.processes import start, write, write_records
from tests.security.installations import installed

EXAMPLES = ROOT / "deploy/examples/subscribers"
COUNT, FIRST = 600, 60
PATIENCE = 120
LANGUAGES = ("python", "java", "javascript")


def command(language: str) -> Sequence[str]:
    """How a person runs the example."""
    if language == "python":
        return [sys.executable, str(EXAMPLES / "python/subscriber.py")]
    if language == "java":
        runtime = kafka.fetch(kafka.CACHE, lambda _: None)
        source = str(EXAMPLES / "java/Subscriber.java")
        return [str(runtime.java), "-cp", runtime.classpath, source]
    return ["node", str(npm.installed(EXAMPLES / "javascript") / "subscriber.mjs")]


class Installation(msgspec.Struct, frozen=True, kw_only=True):
    """Where an installation is, how its services come to it, and how a subscriber does."""

    cluster: Cluster
    service: Mapping[str, str]
    subscriber: Mapping[str, str]


@pytest.fixture(params=["plain", "guarded"])
async def installation(
    request: pytest.FixtureRequest, cluster: Cluster, tmp_path: Path
) -> AsyncIterator[Installation]:
    """All topics, on a broker that lets everybody do everything, and on one that does not."""
    if request.param == "plain":
        await create(cluster, TOPICS)
        yield Installation(cluster=cluster, service={}, subscriber={})
        return
    broker = guarded.start(kafka.CACHE, tmp_path / "broker", PRINCIPALS)
    try:
        here = installed(broker, cluster.prefix)
        await create(here, TOPICS)
        await grant(broker.of(ADMIN), rules_of(here.prefix, granted()))
        mine = {
            **broker.environment("subscriber"),
            "KAFKA_PASSWORD": broker.passwords["subscriber"],
        }
        yield Installation(cluster=here, service=broker.environment("route"), subscriber=mine)
    finally:
        broker.stop()


def subscribing(language: str, where: Installation, folder: Path) -> Child:
    """The example as its own process; what it prints is in ``LANGUAGE.log``."""
    environment = {
        "PATH": MACHINE["PATH"],
        "KAFKA_BOOTSTRAP_SERVERS": where.cluster.bootstrap,
        "TOPIC_PREFIX": where.cluster.prefix,
        "NAME": f"{language}.test",
        **where.subscriber,
    }
    log = folder / f"{language}.log"
    return spawn(command(language), log, Lifetime.TIED, environment=environment)


def naive(records: Sequence[Received]) -> Counter[tuple[str, int]]:
    """Every version of every ticket, each once; written without the examples' code."""
    found = set()
    for record in records:
        headers = dict(record.headers)
        if headers["ce_type"] == b"TicketEvent" and headers["otklik_brand"] != CANARY.encode():
            ticket = msgspec.json.decode(record.value or b"")["ticket"]
            found.add((ticket["id"], ticket["version"]))
    return Counter(found)


def printed(language: str, folder: Path) -> Counter[tuple[str, int]]:
    """What the example told; lines of a client's own log are no JSON."""
    lines = (folder / f"{language}.log").read_text(encoding="utf-8").splitlines()
    rows = [msgspec.json.decode(line) for line in lines if line.startswith("{")]
    return Counter((row["id"], row["version"]) for row in rows)


def old_news(records: Sequence[Received]) -> Sequence[Outgoing]:
    """Every tenth event once more, as an outbox tells it that died between ack and delete."""
    return [
        Outgoing(
            topic=TICKETS.name,
            partition=record.partition,
            key=record.key or b"",
            value=record.value or b"",
            headers=record.headers,
            event_id=dict(record.headers)["ce_id"].decode(),
        )
        for record in records[::10]
    ]


async def test_each_sees_every_version_once_while_route_is_killed(
    installation: Installation, tmp_path: Path
) -> None:
    cluster = installation.cluster
    settings = {
        **installation.service,
        "DATABASE_URL": f"sqlite:///{tmp_path / 'route.db'}",
    }
    posts = [a_post(f"p{n}", author=f"c{n}", at=MONDAY + minutes(n)) for n in range(COUNT)]
    canary = a_post("watch", author="watch", at=MONDAY, brand=CANARY)
    readers = {one: subscribing(one, installation, tmp_path) for one in LANGUAGES}
    route = start("route", cluster, tmp_path, **settings)
    try:
        await write(cluster, [a_classified(post) for post in [canary, *posts]], CLASSIFIED)
        await read_all(cluster, TICKETS, at_least=FIRST)
        in_hand = await behind(cluster, "route", [CLASSIFIED])
        route.kill()
        route = start("route", cluster, tmp_path, **settings)
        async with asyncio.timeout(PATIENCE):
            wanted = naive(await read_all(cluster, TICKETS, at_least=COUNT))
            while len(wanted) < COUNT:
                wanted = naive(await read_all(cluster, TICKETS, at_least=len(wanted) + 1))
            told = await read_all(cluster, TICKETS)
            brands = {header(record.headers, "otklik_brand") for record in told}
            await write_records(cluster, old_news(told))
            for language in LANGUAGES:
                while await behind(cluster, f"sub.{language}.test", [TICKETS]):
                    assert readers[language].is_running(), tail(tmp_path / f"{language}.log")
    finally:
        for child in (route, *readers.values()):
            child.kill()

    assert in_hand > 0, "the kill must land with work in hand"
    assert CANARY in brands, "a canary was there to be left out"
    assert len(wanted) == COUNT
    for language in LANGUAGES:
        assert printed(language, tmp_path) == wanted, language

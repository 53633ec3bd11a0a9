"""Six hours of outage, then everything at once: a summary a team, and a page for what is fresh.

The inputs that break the easy version: posts of several brands for one team; catching up that takes
longer than a summary waits; topics that were hot hours ago; what is grave and young enough to page.
Counted in the provider's log, through two replicas that share the work.
"""

import asyncio
import json
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

from deploy.demo.player import message_secret
from schemas.alerts import AlertChanged
from schemas.states import AlertKind, AlertState, PriorityBand
from schemas.topics import CLASSIFIED, TOPICS
from schemas.vocabulary import CaseTopic, Flag, Intent
from stream.clock import parse_clock
from stream.flow import Outgoing
from stream.topic_admin import Cluster, create
from tests.builders import a_classified, a_post, a_record, minutes
from tests.faults.alert_life import until
from tests.faults.gates import Gates
from tests.faults.replicas import Replicas
from tests.faults.route_day import POLICY
from tests.faults.servers import Broker, Database
from tests.processes import lag, write_records
from tests.provider import Provider

LONG = os.environ.get("FAULTS") == "long"  # noqa: TID251 - the run's own setting
POSTS = 5_000 if LONG else 600
OUTAGE = timedelta(hours=6)
WAIT = "1m" if LONG else "4s"
"""How long a summary waits for more; as shipped in the long form."""
PARTITIONS = 12
PATIENCE = 600
BRANDS = ("severbank", "balkanair", "lavka")
MANY = CaseTopic.outage_availability
"""What every other one writes about, all to one brand: hot in every half hour of the outage."""
ALONE = 20 if LONG else 10
"""Of so many posts one is of somebody in danger, on a topic of few."""
FRESH, STALE = minutes(20), minutes(40)
"""Those are younger than ``page_within`` or older, whatever a slow machine takes."""


class Day(NamedTuple):
    """What the provider was told, and who is in danger and young enough to page for."""

    told: Sequence[AlertChanged]
    paged: set[str]

    def kinds(self, kind: AlertKind) -> Sequence[AlertChanged]:
        return [one for one in self.told if one.kind is kind]


@pytest.fixture(scope="module")
def day(broker: Broker, database: Database, tmp_path_factory: pytest.TempPathFactory) -> Day:
    """Everything that waited was taken, and nothing is left to tell."""
    cluster = Cluster(bootstrap=broker.bootstrap, prefix="toutage", partitions=PARTITIONS)
    url = database.server.create_database("after_the_outage")
    return asyncio.run(_caught_up(cluster, url, tmp_path_factory.mktemp("outage")))


async def _caught_up(cluster: Cluster, url: str, folder: Path) -> Day:
    await create(cluster, TOPICS)
    now = parse_clock("").now()
    posts = [_Post(number, now) for number in range(POSTS)]
    await write_records(cluster, [post.record() for post in posts])
    with Provider() as provider:
        replicas = Replicas("route", cluster, folder, **_settings(url, folder, provider.address))
        try:
            async with asyncio.timeout(PATIENCE):
                replicas.start()
                replicas.start()
                await replicas.ready()
                await until(lambda: _all_told(cluster, url))
        finally:
            replicas.stop()
        told = [msgspec.json.decode(sent.body, type=AlertChanged) for sent in provider.accepted()]
    return Day(told, {post.url for post in posts if post.is_alone and post.age < FRESH})


def _settings(url: str, folder: Path, address: str) -> Mapping[str, str]:
    policy = folder / "policy.yaml"
    quick = f"\nalerting:\n  summary_wait: {WAIT}\n"
    assert "\nalerting:" in POLICY
    policy.write_text(POLICY.replace("\nalerting:", quick.rstrip(), 1), encoding="utf-8")
    channels = ("fraud-alerts", "care-alerts", "lead-alerts")
    return {
        "DATABASE_URL": url,
        "POLICY": str(policy),
        "CHANNELS": json.dumps({name: f"{address}/{name}" for name in channels}),
        "CHANNEL_SECRET": message_secret("outage"),
    }


async def _all_told(cluster: Cluster, url: str) -> bool:
    """Is everything read, folded, summed up and handed over?"""
    if await lag(cluster, "route", CLASSIFIED):
        return False
    async with Gates(url) as store:
        left = [await store.count(query) for query in _LEFT]
    return not any(left)


_LEFT = (
    "select count(*) from route_alert_intents where done_at is null",
    "select count(*) from route_alert_groups"
    " where closed_at is null and identity like '%|summary|%'",
    "select count(*) from route_deliveries where done_at is null",
)


class _Post:
    """The post of that number, of as many as wrote during the outage, one after another."""

    def __init__(self, number: int, now: datetime) -> None:
        self.number, self.age = number, OUTAGE * (1 - number / POSTS)
        self.at, self.url = now - self.age, f"https://posts.example/{number}"
        self.is_alone = number % ALONE == 0 and not FRESH < self.age < STALE

    def record(self) -> Outgoing:
        topic = self._topic()
        brand = "severbank" if topic is MANY else BRANDS[self.number % len(BRANDS)]
        name = f"p{self.number}"
        mine = {"author": name, "conversation_id": name, "url": self.url, "brand": brand}
        event = a_classified(a_post(name, at=self.at, **mine), **self._judged(topic))
        partition = self.number % PARTITIONS
        return a_record(event, topic=CLASSIFIED.name, partition=partition)

    def _topic(self) -> CaseTopic:
        if self.is_alone:
            return CaseTopic.safety
        if self.number % 4 == 3 and not FRESH < self.age < STALE:
            return CaseTopic.fraud_security
        return CaseTopic.billing_payment if self.number % 4 == 2 else MANY

    def _judged(self, topic: CaseTopic) -> Mapping[str, object]:
        if topic is CaseTopic.safety:
            return {"topic": topic, "flags": (Flag.safety,), "urgency": 95, "urgency_band": 3}
        if topic is CaseTopic.fraud_security:
            return {"topic": topic, "urgency": 92, "urgency_band": 3}
        return {"topic": topic, "intent": Intent.complaint}


def test_a_team_gets_one_summary(day: Day) -> None:
    teams = Counter(one.team for one in day.kinds(AlertKind.summary))

    assert teams == dict.fromkeys(("lead", "fraud", "care"), 1)
    assert {one.severity for one in day.kinds(AlertKind.summary)} <= {
        PriorityBand.critical,
        PriorityBand.high,
        PriorityBand.normal,
    }


def test_who_is_in_danger_and_fresh_is_one_page_each_and_nobody_else_is(day: Day) -> None:
    cases = [one.link for one in day.kinds(AlertKind.case) if one.team == "lead"]

    assert len(day.paged) > 2
    assert sorted(map(str, cases)) == sorted(day.paged)


def test_a_matter_is_one_page(day: Day) -> None:
    raised = [one for one in day.told if one.state is AlertState.raised]
    matters = Counter(one.group_key.rpartition(":")[0] for one in raised)

    assert {matter: count for matter, count in matters.items() if count > 1} == {}
    assert any(one.kind is AlertKind.hot_topic for one in raised)

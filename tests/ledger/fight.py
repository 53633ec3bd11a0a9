"""How is the whole pipeline tried? Stories are told while troubles strike, then all is audited."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from deploy.demo.settling import settled
from deploy.demo.stack import Stack
from schemas.event import Topic
from schemas.topics import CLASSIFIED, POSTS, TICKETS, TOPICS
from services.notify.rebuilding import rebuild
from services.notify.settings import Settings
from services.notify.store.tables import METADATA
from stream.clock import parse_clock
from stream.flow import Outgoing
from stream.topic_admin import Cluster, create
from tests.ledger.audit import Found, look, rows_of
from tests.ledger.fleet import Fleet
from tests.ledger.senders import Accepted, Senders
from tests.ledger.story import BALKANAIR, LAVKA, SEVERBANK, START, Story, stories
from tests.processes import write_records
from tests.stored import opened

GARBAGE = (
    (SEVERBANK, b'{"id": "b999", "text": "\xd0\xbe'),
    (LAVKA, b'{"id": 17, "author": "nobody", "text": ["a", "list"]}'),
    (BALKANAIR, b"not json at all"),
)
POISONED = (POSTS, CLASSIFIED, TICKETS)


class Trouble(Protocol):
    """What is done to the fleet while stories are told; returns when it is over."""

    async def __call__(self, fleet: Fleet, senders: Senders) -> None:
        """Strike."""
        ...


@dataclass(frozen=True)
class Ground:
    """Where a run is fought: the broker, a database for each service, alerts, a folder."""

    cluster: Cluster
    databases: dict[str, str]
    folder: Path
    alerts: str = "log:"
    page_within: str = ""


@dataclass(frozen=True)
class Fought:
    """A run that is over."""

    told: Sequence[Story]
    accepted: Accepted
    fleet: Fleet
    found: Found
    rebuilt: list[str]
    codes: dict[str, int]
    ended: datetime


async def fight(ground: Ground, posts: int, troubles: Sequence[Trouble]) -> Fought:
    """Tell at least so many posts, a share of them during each trouble; then look at it all."""
    cluster, folder = ground.cluster, ground.folder
    await create(cluster, TOPICS)
    epoch = parse_clock("").now().timestamp()
    text = f"{START.isoformat()}@1x/{epoch}"
    clock, told = parse_clock(text), list[Story]()
    fleet = Fleet(
        cluster=cluster,
        databases=ground.databases,
        folder=folder,
        clock=text,
        alerts=ground.alerts,
        page_within=ground.page_within,
    )
    senders = Senders(fleet, clock)
    try:
        await fleet.start()
        await poison(cluster, senders)
        endless = stories()
        for trouble in troubles:
            over = asyncio.Event()
            share = portion(endless, told, posts / len(troubles), over)
            await asyncio.gather(senders.play(share), _struck(trouble, fleet, senders, over))
        ended = clock.now()
        await settled(Stack(cluster=cluster, addresses={}, folder=folder), ended)
    finally:
        codes = fleet.stop()
    found = await look(cluster, ground.databases)
    rebuilt = await made_again(cluster, f"sqlite:///{folder / 'rebuilt.db'}")
    return Fought(told, senders.accepted, fleet, found, rebuilt, codes, ended)


async def _struck(trouble: Trouble, fleet: Fleet, senders: Senders, over: asyncio.Event) -> None:
    await trouble(fleet, senders)
    over.set()


def portion(
    endless: Iterator[Story], told: list[Story], posts: float, over: asyncio.Event
) -> Iterator[Story]:
    """A trouble's share of the stories, and more of them until it is over."""
    count = 0
    while count < posts or not over.is_set():
        story = next(endless)
        told.append(story)
        count += story.posts
        yield story


async def made_again(cluster: Cluster, database: str) -> list[str]:
    """What notify would keep, had its store been lost now and made again from the topics."""
    settings = Settings(
        kafka_bootstrap_servers=cluster.bootstrap,
        topic_prefix=cluster.prefix,
        partitions=cluster.partitions,
        database_url=database,
    )
    await rebuild(settings, route="", token="")
    async with opened(database, METADATA) as engine:
        return await rows_of(engine)


async def poison(cluster: Cluster, senders: Senders) -> None:
    """Garbage through the front door, and garbage that some other writer left on our topics."""
    for brand, body in GARBAGE:
        await senders.poison(brand, body)
    await write_records(cluster, list(map(broken, POISONED)))


def broken(topic: Topic) -> Outgoing:
    """A record of the topic's own kind that breaks off."""
    kind = (("ce_type", topic.events[0].encode()),)
    return Outgoing(
        topic=topic.name, partition=5, key=b"k", value=b"\xff{", headers=kind, event_id="none"
    )

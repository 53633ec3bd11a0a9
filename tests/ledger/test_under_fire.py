"""The whole pipeline under fire: nothing lost, nothing invented, every clock right.

Four services, two replicas of each consumer, PostgreSQL; each process is SIGKILLed once with work
in hand. The inputs that break the easy version: a reply before its post, an edit before its
original, a delivery twice; a kill between two steps, of every process; a case that its customer
opens again ten minutes and two hours after a person closed it.
"""

import asyncio
import os
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from deploy.demo.settling import settled
from deploy.demo.stack import Stack
from schemas.event import Topic, derive_id
from schemas.posts import Case
from schemas.topics import CLASSIFIED, DECISIONS, POSTS, SLA, TICKETS, TOPICS
from services.notify.rebuilding import rebuild
from services.notify.settings import Settings
from services.notify.store.tables import METADATA
from services.route.domain.ticket import ticket_id
from stream.clock import parse_clock
from stream.flow import Outgoing
from stream.topic_admin import Cluster, create
from tests.clock_oracle import Run
from tests.ledger.audit import Found, look, rows_of
from tests.ledger.fleet import MINIMUM, REPLICAS, Fleet
from tests.ledger.naive import Said, episodes, overdue, runs, terms_of
from tests.ledger.senders import Accepted, Senders
from tests.ledger.story import BALKANAIR, LAVKA, REOPEN_WITHIN, SEVERBANK, START, Story, stories
from tests.processes import by_id, write_records
from tests.stored import database_named, opened

LONG = os.environ.get("LEDGER") == "long"  # noqa: TID251 - the run's own setting
COUNT = 3000 if LONG else 700
CONSUMERS = [replica for replica in REPLICAS if replica != "ingest-1"]
ROUNDS = (
    [[replica] for replica in REPLICAS] if LONG else [CONSUMERS[:3], ["ingest-1"], CONSUMERS[3:]]
)
"""Who is killed at the same time: one after another, or a whole chain at once."""

PATIENCE = 1200 if LONG else 300

GARBAGE = (
    (SEVERBANK, b'{"id": "b999", "text": "\xd0\xbe'),
    (LAVKA, b'{"id": 17, "author": "nobody", "text": ["a", "list"]}'),
    (BALKANAIR, b"not json at all"),
)
POISONED = (POSTS, CLASSIFIED, TICKETS)
ENDINGS = {"met", "cancelled", "breached"}
NAMED = ("ticket_id", "clock", "cycle", "state", "threshold", "corrects")
WITNESSED = (DECISIONS, TICKETS, SLA)


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


@pytest.fixture(scope="module")
def fought(
    bootstrap: str, database_server: Any, tmp_path_factory: pytest.TempPathFactory
) -> Fought:
    run = derive_id(str(os.getpid()), "ledger")[:8]
    database = database_named(database_server, f"ledger_{run}")
    cluster = Cluster(bootstrap=bootstrap, prefix=f"ledger-{run}", partitions=12)
    folder = tmp_path_factory.mktemp("ledger")
    return asyncio.run(asyncio.wait_for(fight(cluster, database, folder), PATIENCE))


async def fight(cluster: Cluster, database: str, folder: Path) -> Fought:
    await create(cluster, TOPICS)
    epoch = parse_clock("").now().timestamp()
    text = f"{START.isoformat()}@1x/{epoch}"
    clock, told = parse_clock(text), list[Story]()
    fleet = Fleet(cluster=cluster, database=database, folder=folder, clock=text)
    senders = Senders(fleet, clock)
    try:
        await fleet.start()
        await poison(cluster, senders)
        endless = stories()
        for victims in ROUNDS:
            await asyncio.gather(
                senders.play(portion(endless, told, fleet, victims)),
                *(fleet.kill(one, in_hand(fleet, senders, one)) for one in victims),
            )
        ended = clock.now()
        await settled(Stack(cluster=cluster, addresses={}, folder=folder), ended)
    finally:
        codes = fleet.stop()
    found = await look(cluster, database)
    rebuilt = await made_again(cluster, f"sqlite:///{folder / 'rebuilt.db'}")
    return Fought(told, senders.accepted, fleet, found, rebuilt, codes, ended)


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


def portion(
    endless: Iterator[Story], told: list[Story], fleet: Fleet, victims: Sequence[str]
) -> Iterator[Story]:
    """A round's share of the stories, and more of them until every victim was killed."""
    posts = 0
    while posts < COUNT / len(ROUNDS) or not {k.replica for k in fleet.killed}.issuperset(victims):
        story = next(endless)
        told.append(story)
        posts += story.posts
        yield story


def in_hand(fleet: Fleet, senders: Senders, replica: str) -> Callable[[], Awaitable[int]]:
    """How much work a replica's group has."""
    return senders.in_flight if replica == "ingest-1" else partial(fleet.behind, replica)


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


def test_every_process_was_killed_with_work_in_hand(fought: Fought) -> None:
    assert sorted(killed.replica for killed in fought.fleet.killed) == sorted(REPLICAS)
    assert all(killed.waiting >= MINIMUM for killed in fought.fleet.killed)
    assert fought.accepted.repeated > 0
    assert fought.found.repeated() > 0, "a run in which nothing came twice proves little"


def test_every_process_ends_when_it_is_asked_to(fought: Fought) -> None:
    assert set(fought.codes.values()) == {0}


def test_every_accepted_revision_has_exactly_one_decision(fought: Fought) -> None:
    decisions = fought.found.events(DECISIONS, "Decision").values()
    decided = Counter((d["brand"], d["post_id"], d["revision"]) for d in decisions)

    assert decided == Counter(fought.accepted.revisions)


def test_every_case_has_one_ticket_per_episode(fought: Fought) -> None:
    tickets = fought.found.route_tickets.values()
    opened = Counter((t.brand, t.case.thread, t.case.customer, t.episode) for t in tickets)

    expected = [
        (story.brand.name, story.thread, story.customer, number)
        for story in fought.told
        if story.terms
        for number, _ in enumerate(of_episodes(fought, story), start=1)
    ]
    assert opened == Counter(expected)
    assert any(number == 2 for *_, number in expected)


def test_every_poison_record_is_one_dead_letter(fought: Fought) -> None:
    letters = fought.found.letters()

    assert Counter((one["service"], one["reason"]) for one in letters) == {
        ("ingest", "not_json"): 2,
        ("ingest", "wrong_shape"): 1,
        ("classify", "not_json"): 1,
        ("route", "not_json"): 1,
        ("notify", "not_json"): 1,
    }
    assert all(one["value"] for one in letters)


def test_what_was_sent_twice_is_the_same_bytes(fought: Fought) -> None:
    for topic in WITNESSED:
        copies = by_id(fought.found.records[topic.name])
        assert [name for name, values in copies.items() if len(values) > 1] == []


def test_versions_have_no_gaps_and_both_stores_hold_the_last(fought: Fought) -> None:
    versions: dict[str, list[int]] = {}
    for event in fought.found.events(TICKETS, "TicketEvent").values():
        versions.setdefault(event["ticket"]["id"], []).append(event["ticket"]["version"])

    last = {name: max(found) for name, found in versions.items()}
    assert {name: sorted(found) for name, found in versions.items()} == {
        name: list(range(1, number + 1)) for name, number in last.items()
    }
    assert {t.id: t.version for t in fought.found.route_tickets.values()} == last
    assert fought.found.notify_versions == last
    assert fought.found.outbox == 0


def test_every_clock_is_as_a_pencil_computes_it(fought: Fought) -> None:
    for story in fought.told:
        for number, episode in enumerate(of_episodes(fought, story), start=1):
            if story.terms:
                found = fought.found.clocks.get(ticket_of(story, number), [])
                assert set(found) == set(runs(episode, terms_of(story.terms))), story.steps


def test_what_was_announced_is_what_became_true(fought: Fought) -> None:
    told = announced(fought)
    for story in fought.told:
        for number, episode in enumerate(of_episodes(fought, story), start=1):
            for run in runs(episode, terms_of(story.terms)) if story.terms else ():
                states = told.pop((ticket_of(story, number), run.clock, run.cycle), set())
                assert states in expected(run, story, fought), (story.steps, run)
    assert told == {}, "nothing is announced of a clock that never ran"


def test_a_lost_store_is_made_again_as_it_was(fought: Fought) -> None:
    assert fought.rebuilt == fought.found.notify_rows


def announced(fought: Fought) -> dict[tuple[str, str, int], set[str]]:
    """What subscribers hold to be true of each clock: endings and breaches that stand."""
    events = fought.found.events(SLA, "SlaChanged").values()
    once = Counter(tuple(event.get(name) for name in NAMED) for event in events)
    assert set(once.values()) == {1}
    corrected = {event.get("corrects") for event in events}
    found: dict[tuple[str, str, int], set[str]] = {}
    for event in events:
        states = found.setdefault((event["ticket_id"], event["clock"], event["cycle"]), set())
        if event["state"] in ENDINGS and event["event_id"] not in corrected:
            states.add(event["state"])
    return found


def expected(run: Run, story: Story, fought: Fought) -> Sequence[set[str]]:
    """What may stand: one thing, but for a clock that runs out while the fight goes on."""
    if run.state != "open":
        return [{run.state}]
    terms = terms_of(story.terms or "")
    before, after = (overdue(run, terms, at) for at in (START, fought.ended))
    return [{"breached"} if late else set() for late in {before, after}]


def of_episodes(fought: Fought, story: Story) -> list[list[Said]]:
    """A story's steps as they were accepted, in time, an episode each."""
    return episodes(fought.accepted.said[story.number], REOPEN_WITHIN)


def ticket_of(story: Story, episode: int) -> str:
    """The id of a story's ticket."""
    case = Case(brand=story.brand.name, thread=story.thread, customer=story.customer)
    return ticket_id(case, episode)

"""A day of customers for route, told twice, in disorder and late; and how it must end.

How it must end is what one book in memory holds after the day in its own order: no replica, no
database, no record twice.
"""

import random  # noqa: TID251 - a seeded shuffle, so that a failure can be played again
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import msgspec

from schemas.classified import ClassifiedPost
from schemas.event import derive_id
from schemas.posts import SocialPost
from schemas.tickets import Ticket
from schemas.topics import CLASSIFIED
from schemas.vocabulary import CaseTopic, Intent, Op
from services.route.domain.book import Book
from services.route.domain.desk import Desk, Rules, Seat
from services.route.domain.policy_file import read_policy
from services.route.settings import read_needs
from stream.flow import Outgoing
from tests.builders import MONDAY, a_classified, a_post, a_record, a_reply, minutes

PARTITIONS = 12
POLICY = Path("services/route/policy/default.yaml").read_text(encoding="utf-8")
QUIET = POLICY.replace("minimum: 10", "minimum: 1000000")
"""Without hot topics: how hot one was for whom is what a shuffle changes."""

THEFT = {"topic": CaseTopic.fraud_security, "urgency": 92, "urgency_band": 3}
QUESTION = {"intent": Intent.question, "fair_claim": False, "urgency": 20}
TALK = {"intent": Intent.talk, "addressed": "mention", "fair_claim": False, "urgency": 0}
EACH = 5
"""Records of one customer's story."""


def told(customers: int) -> list[tuple[int, ClassifiedPost]]:
    """The stories in their own order, each with the partition of its conversation."""
    return [(n % PARTITIONS, event) for n in range(customers) for event in _story(n)]


def _story(n: int) -> Sequence[ClassifiedPost]:
    at = MONDAY + timedelta(seconds=7 * n)
    mine = {"author": f"customer-{n}", "conversation_id": f"wall-{n}", "thread_id": f"t{n}"}
    first = a_post(f"t{n}", at=at, **mine)
    second = a_post(f"t{n}-2", at=at + minutes(7), **mine)
    last = a_post(f"t{n}-3", at=at + minutes(30), **mine)
    edit = _edited(first)
    reply = a_reply(f"r{n}", f"t{n}", at=at + minutes(20), conversation_id=f"wall-{n}")
    return (
        a_classified(first, **(THEFT if n % 3 == 0 else QUESTION)),
        a_classified(edit, **(THEFT if n % 5 == 0 else QUESTION)),
        a_classified(second, **(THEFT if n % 3 == 1 else QUESTION)),
        a_classified(reply),
        a_classified(last, **(TALK if n % 2 else QUESTION)),
    )


def _edited(post: SocialPost) -> SocialPost:
    later = post.revision + 60_000
    event_id = derive_id(post.event_id, "edit")
    edited = msgspec.structs.replace(post, op=Op.edited, revision=later, text="?")
    return msgspec.structs.replace(
        edited, event_id=event_id, occurred_at=post.occurred_at + minutes(1)
    )


def shuffled(
    stories: Sequence[tuple[int, ClassifiedPost]], seed: int
) -> list[tuple[int, ClassifiedPost]]:
    """Every record twice, shuffled; a third of the replies only after everything else."""
    twice = [*stories, *stories]
    random.Random(seed).shuffle(twice)  # noqa: S311 - no secret
    return sorted(twice, key=lambda one: is_late(one[1]))


def in_disorder(stories: Sequence[tuple[int, ClassifiedPost]], seed: int) -> list[Outgoing]:
    """The shuffled day as records."""
    return [
        a_record(event, topic=CLASSIFIED.name, partition=partition)
        for partition, event in shuffled(stories, seed)
    ]


def is_late(event: ClassifiedPost) -> bool:
    """Is it a reply that comes last? The same ones in every run."""
    return event.post.id.startswith("r") and int(event.event_id[:8], 16) % 3 == 0


def ending(stories: Sequence[tuple[int, ClassifiedPost]]) -> dict[str, Ticket]:
    """The last version of every ticket, by its id, when the day is taken in its own order."""
    book, rules = Book(), Rules(policy=read_policy(QUIET), seq=1, needs=read_needs())
    for partition, event in stories:
        list(Desk(event, book, rules, Seat(partition=partition)).settle())
    return {ticket.id: final(ticket) for ticket in book.tickets.values()}


def final(ticket: Ticket) -> Ticket:
    """What must be equal: not how many changes it took, nor who of those on duty had most room."""
    return msgspec.structs.replace(ticket, version=0, owner=None)

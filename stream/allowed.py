"""May this process do what it is for? Asked of the broker before its first record, never tried.

A client that may not read one topic of several reads the others and goes on, and Faust says not a
word of a group that it may not join (docs/kafka-security.md): both would look well and do nothing.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager

from schemas.event import Topic
from stream.broker import broker_of
from stream.metrics import StreamMetrics
from stream.publisher import KafkaPublisher
from stream.rights import Right, Rights, ask_rights
from stream.service import insisting
from stream.settings import BadSettings, StreamSettings


class NotAllowed(BadSettings):
    """The broker refuses this user what the process is for; the message names each."""


@asynccontextmanager
async def publishing(
    settings: StreamSettings, metrics: StreamMetrics, topics: Sequence[Topic]
) -> AsyncIterator[KafkaPublisher]:
    """The producer of a service, once the broker has said that the service may do what it is for.

    Raises ``NotAllowed``, ``ConnectionError``.
    """
    prefix = settings.topic_prefix
    async with KafkaPublisher(broker_of(settings), prefix, metrics) as publish:
        await require(settings, metrics.service, topics)
        yield publish


async def require(settings: StreamSettings, service: str, topics: Sequence[Topic]) -> None:
    """Return once the broker has said that all of it is allowed; raises ``NotAllowed``.

    ``topics`` is the whole table: what the service reads and writes is needed, and no more.
    """
    broker, prefix = broker_of(settings), settings.topic_prefix
    written = [topic.under(prefix) for topic in topics if topic.written_by == service]
    read = [topic.under(prefix) for topic in topics if reads(service, topic)]
    groups = [f"{prefix}.{service}"] if read else []
    rights = await insisting(lambda: ask_rights(broker, [*read, *written], groups))
    refused = [*_refused(rights, read, written, groups)]
    if refused:
        user = broker.security.username or "this user"
        expected = "expected the rights of docs/topics.md on the broker"
        raise NotAllowed(f"{expected}: {user} may not {', may not '.join(refused)}")


def reads(service: str, topic: Topic) -> bool:
    """Does this release of a service read that topic?"""
    return service in topic.read_by and not topic.not_yet.startswith(f"{service}:")


def _refused(
    rights: Rights, read: Iterable[str], written: Iterable[str], groups: Iterable[str]
) -> Iterable[str]:
    yield from (f"join group {one}" for one in groups if not rights.may_join(one))
    yield from (f"read {one}" for one in read if not rights.may(Right.read, one))
    yield from (f"write {one}" for one in written if not rights.may(Right.write, one))

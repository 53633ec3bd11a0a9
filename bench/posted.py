"""Which records do the pumps move? Made-up posts of some hundred bytes, the same for each."""

from collections.abc import Sequence
from datetime import UTC, datetime

from aiokafka import AIOKafkaProducer

from schemas.dead_letters import DeadLetter
from schemas.event import Event, Topic, derive_id
from stream.flow import Origin, Outgoing, outgoing
from stream.topic_admin import Cluster, create

AT = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
TEXT = "Приложение не открывается с утра, а оплатить надо сегодня. Что делать? " * 3
TRACE = "00-11111111111111111111111111111111-2222222222222222-01"


class Posted(Event, frozen=True, kw_only=True, tag_field="type", tag=True):
    """The event of the comparison, on our own base."""

    brand: str
    author: str
    text: str


def topic(name: str, *events: str) -> Topic:
    """A topic of the benchmark."""
    return Topic(
        name=name, key="author", events=events, written_by="bench", read_by=("bench",), kept_days=1
    )


READ, WRITTEN = topic("posted.v1", "Posted"), topic("echoed.v1", "Posted")
LETTERS = topic("bench.dead-letters.v1", DeadLetter.__name__)


def posted(number: int, partition: int) -> Outgoing:
    """One record, with the headers that a service of ours puts on it."""
    event = Posted(
        event_id=derive_id(str(number), "Posted"),
        cause_id=derive_id(str(number), "cause"),
        occurred_at=AT,
        brand="severbank",
        author=f"author-{number % 997}",
        text=TEXT,
    )
    origin = Origin(service="bench", brand=event.brand, traceparent=TRACE)
    return outgoing(event, topic=READ, key=event.author, partition=partition, origin=origin)


async def fill(cluster: Cluster, count: int) -> None:
    """Create the topics and write so many records, spread over the partitions."""
    await create(cluster, (READ, WRITTEN, LETTERS))
    producer = AIOKafkaProducer(bootstrap_servers=cluster.bootstrap, linger_ms=5)
    async with producer:
        for start in range(0, count, 1000):
            numbers = range(start, min(start + 1000, count))
            await _sent(producer, cluster, [posted(n, n % cluster.partitions) for n in numbers])


async def _sent(producer: AIOKafkaProducer, cluster: Cluster, records: Sequence[Outgoing]) -> None:
    name = READ.under(cluster.prefix)
    futures = [
        await producer.send(
            name, value=r.value, key=r.key, partition=r.partition, headers=list(r.headers)
        )
        for r in records
    ]
    for future in futures:
        await future

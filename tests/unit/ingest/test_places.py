"""What does not tell its conversation follows the post that it speaks of (P7).

The inputs that break the easy version: a deletion with an id alone, a reply to a reply of which
only the parent is named, all of it in one request and backwards.
"""

from prometheus_client import CollectorRegistry

from schemas.event import partition_of
from services.ingest.domain.place import Place
from services.ingest.domain.receipt import Arrived
from services.ingest.domain.short_memory import ShortMemory
from services.ingest.handlers import Arrival, Receiving
from services.ingest.metrics import Metrics
from services.ingest.platforms import generic
from stream.memory_pump import MemoryBroker
from stream.metrics import StreamMetrics
from tests.unit.ingest.deliveries import NOW, SEEN, body_of, posted, posts_on, said
from tests.unit.ingest.test_receiving import KEEPING


async def received(broker: MemoryBroker, memory: ShortMemory, *payloads: object) -> None:
    registry = CollectorRegistry()
    shared = StreamMetrics(registry, "ingest", "1")
    receiving = Receiving(broker, KEEPING, Metrics(registry), shared, memory)
    natives = generic.split(posted(body_of(list(payloads))))
    arrival = Arrival(
        source="generic",
        events=tuple(Arrived(native=one, seen=SEEN) for one in natives),
        real_at=NOW,
        message_id="m",
    )
    await receiving.receive(generic, arrival)


def a_deletion(post_id: str = "p1") -> dict[str, str]:
    return {"id": post_id, "op": "deleted", "occurred_at": "2026-03-02T12:59:30+03:00"}


def a_bare_reply(post_id: str, parent: str) -> dict[str, object]:
    return said(id=post_id, parent_id=parent, conversation_id=None)


async def test_a_deletion_with_an_id_alone_goes_to_its_posts_partition() -> None:
    broker, memory = MemoryBroker(), ShortMemory()
    await received(broker, memory, said())

    await received(broker, memory, a_deletion())

    records = [record for record in broker.log("posts.v1") if record.key != b"tick"]
    assert {record.partition for record in records} == {partition_of("severbank:wall-1", 12)}
    gone = next(post for post in posts_on(broker) if post.op == "deleted")
    assert (gone.conversation_id, gone.thread_id) == ("wall-1", "p1")


async def test_a_deletion_of_a_post_that_nobody_saw_is_keyed_by_its_id() -> None:
    broker = MemoryBroker()

    await received(broker, ShortMemory(), a_deletion("unseen"))

    (gone,) = posts_on(broker)
    (record,) = broker.log("posts.v1")
    assert gone.conversation_id is None
    assert record.key == b"severbank:unseen"


async def test_a_reply_to_a_reply_lies_in_the_thread_above_them() -> None:
    broker = MemoryBroker()
    replies = (a_bare_reply("p2", "p1"), a_bare_reply("p3", "p2"))

    await received(broker, ShortMemory(), said(), *replies)

    assert {(post.conversation_id, post.thread_id) for post in posts_on(broker)} == {
        ("wall-1", "p1")
    }


async def test_a_thread_that_the_sender_names_stays() -> None:
    broker, memory = MemoryBroker(), ShortMemory()
    memory.note("severbank:p1", Place(conversation="wall-1", thread="p1"))

    await received(broker, memory, a_bare_reply("p2", "p1") | {"thread_id": "own"})

    (post,) = posts_on(broker)
    assert (post.conversation_id, post.thread_id) == ("wall-1", "own")


async def test_a_place_is_remembered_only_once_it_is_acked() -> None:
    memory = ShortMemory()

    await received(MemoryBroker(), memory, said())

    assert memory.places == {"severbank:p1": Place(conversation="wall-1", thread="p1")}

"""The service that the suites of stream run: it echoes numbers, and does what a test asks."""

from collections.abc import Callable, Sequence

import msgspec

from schemas.dead_letters import DeadLetter, InvalidMessage, Reason
from schemas.event import Event, Topic, derive_id
from schemas.topics import dead_letters, retry
from stream.flow import Batch, Flow, Outgoing, Received, caused_by, outgoing
from tests.builders import MONDAY, a_record


class Noted(Event, frozen=True, kw_only=True, tag_field="type", tag=True):
    """An event of these tests."""

    number: int


class Echoed(Event, frozen=True, kw_only=True, tag_field="type", tag=True):
    """What the handler makes of a ``Noted``."""

    number: int
    replayed: bool


def topic(name: str) -> Topic:
    """A topic of these tests."""
    return Topic(name=name, key="k", events=("x",), written_by="t", read_by=("t",), kept_days=1)


READ, WRITTEN = topic("noted.v1"), topic("echoed.v1")
LETTERS, AGAIN = dead_letters("probe"), retry("probe")


def noted(number: int, partition: int = 0, topic: Topic = READ) -> Outgoing:
    """A good record."""
    event = Noted(event_id=derive_id(str(number), "Noted"), occurred_at=MONDAY, number=number)
    return a_record(event, topic=topic.name, partition=partition)


def raw(value: bytes, kind: str = "Noted", partition: int = 0) -> Outgoing:
    """A record with any bytes in it."""
    return Outgoing(
        topic=READ.name,
        partition=partition,
        key=b"its key",
        value=value,
        headers=(("ce_type", kind.encode()), ("x", b"\xff")),
        event_id="none",
    )


class Echo:
    """A handler that answers each number, and does what a test asks when it meets one."""

    def __init__(self) -> None:
        self.on: dict[int, Callable[[], None]] = {}

    async def __call__(self, batches: Sequence[Batch], unit: object) -> Sequence[Outgoing]:
        """One ``Echoed`` for each ``Noted``, in order."""
        return [self._one(batch, n) for batch in batches for n in range(len(batch.messages))]

    def _one(self, batch: Batch, n: int) -> Outgoing:
        message = batch.messages[n]
        assert isinstance(message.event, Noted)
        number = message.event.number
        self.on.get(number, lambda: None)()
        event = Echoed(
            event_id=derive_id(message.event.event_id, "Echoed"),
            occurred_at=MONDAY,
            number=number,
            replayed=message.replayed,
        )
        origin = caused_by(message.received, service="probe", brand="")
        return outgoing(
            event, topic=WRITTEN, key=str(number), partition=batch.partition, origin=origin
        )


def flow(handle: Echo) -> Flow[object]:
    """The flow under test."""
    return Flow(
        name="probe",
        reads=(READ, AGAIN),
        events=(Noted,),
        writes=(WRITTEN,),
        ticks_to=WRITTEN,
        handle=handle,
    )


def refuse() -> None:
    """The record can never be processed."""
    raise InvalidMessage(Reason.unsupported_event, "expected a number that is not refused")


def fail() -> None:
    """A bug of ours."""
    raise RuntimeError("a bug")


def echo_of(received: Received) -> Echoed:
    """An ``Echoed``, decoded."""
    return msgspec.json.decode(received.value or b"", type=Echoed)


def number_of(received: Received) -> int:
    """The number of an ``Echoed``."""
    return echo_of(received).number


def letter_of(received: Received) -> DeadLetter:
    """A dead letter, decoded."""
    return msgspec.json.decode(received.value or b"", type=DeadLetter)

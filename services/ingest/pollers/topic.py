"""How is a Kafka topic of raw posts read? As a group; offsets are committed behind our own acks."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from itertools import chain

import msgspec

from services.ingest.domain.brands import Account
from services.ingest.domain.fate import Unavailable
from services.ingest.domain.receipt import Delivery, Seen, arrived
from services.ingest.handlers import Arrival, Receiving
from services.ingest.platforms import kafka
from services.ingest.pollers.engine import Clock
from stream.failures import is_dependency
from stream.flow import Received
from stream.hurry import hurry, pause
from stream.member import Member
from stream.probes import Probes

LOG = logging.getLogger(__name__)

POLL_SECONDS = 0.5
HURRY_SECONDS = 4.0
"""How long a stranger's broker is waited for once the process is to stop."""

AGAIN_SECONDS = 5.0
"""How long a broker is left alone that is away, and ours while it does not ack; real time."""


class TopicReading:
    """Reads the topic of one account; the broker may be a stranger's, and be away."""

    def __init__(
        self,
        account: Account,
        member_of: Callable[[], Member],
        receiving: Receiving,
        clock: Clock,
        probes: Probes,
    ) -> None:
        self._account, self._member_of = account, member_of
        self._receiving, self._clock, self._probes = receiving, clock, probes

    async def run(self, stop: asyncio.Event) -> None:
        """Read until ``stop``, joining again whenever the broker was away."""
        async with hurry(stop, HURRY_SECONDS):
            while not stop.is_set():
                await self._joined(self._member_of(), stop)

    async def _joined(self, member: Member, stop: asyncio.Event) -> None:
        try:
            await member.start()
            while not stop.is_set():
                await self._turn(member, stop)
        except Exception as error:  # of any client library: what is no dependency goes on
            if not is_dependency(error):
                raise
            about = {"account": self._account.id, "error": type(error).__name__}
            LOG.warning("topic not read", extra=about)
            await pause(stop, AGAIN_SECONDS)
        finally:
            await member.stop()

    async def _turn(self, member: Member, stop: asyncio.Event) -> None:
        got = await member.poll(POLL_SECONDS)
        self._probes.turned()
        assignment, left = member.rebalances, dict(got)
        for where, records in got.items():
            if not await self._kept(records):
                member.give_back(left)
                await pause(stop, AGAIN_SECONDS)
                return
            if member.rebalances != assignment:
                return  # whose it is now reads on from the last commit
            member.done(where, left.pop(where)[-1].offset + 1)
        await member.commit()
        if member.owned():
            self._receiving.polled(self._account, self._clock.real())

    async def _kept(self, records: Sequence[Received]) -> bool:
        seen = Seen(account=self._account, received_at=self._clock.now())
        deliveries = (Delivery(headers={}, query={}, body=told(one)) for one in records)
        arrival = Arrival(
            source=self._account.source,
            events=arrived(chain.from_iterable(map(kafka.split, deliveries)), seen),
            real_at=self._clock.real(),
            message_id=f"{records[0].topic}-{records[0].partition}@{records[0].offset}",
        )
        return not isinstance(await self._receiving.receive(kafka, arrival), Unavailable)


def told(record: Received) -> bytes:
    """A record as the platform reads it, with the place that a dead letter has to name."""
    said: dict[str, object] = {
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "timestamp": record.timestamp_ms,
        "key": None if record.key is None else record.key.decode("utf-8", "replace"),
        "headers": [(name, value.decode("utf-8", "replace")) for name, value in record.headers],
    }
    if record.value is None or _is_json(record.value):
        return msgspec.json.encode({**said, "value": msgspec.Raw(record.value or b"null")})
    return msgspec.json.encode({**said, "value_bytes_base64": record.value})


def _is_json(value: bytes) -> bool:
    try:
        msgspec.json.decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True

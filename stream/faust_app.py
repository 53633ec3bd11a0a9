"""What of Faust do we run, and what have we taken out? Fetching and taking; nothing commits but us.

Faust's own book of acks loses records: it acks what it skips at a rebalance, and it commits past
the first record in line when those behind it are acked (docs/decisions/0007). Each class here takes
one such thing out of version 0.15.3, which is pinned.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol, cast

import faust
from aiokafka import TopicPartition
from faust.transport.drivers import aiokafka as driver
from yarl import URL

from stream.broker import Security
from stream.faust_thread import FAUST, FaustThread
from stream.member import BATCH, KafkaSource

WITHIN_SECONDS = 0.01
NEVER_SECONDS = 86_400.0
"""Longer than any outage: a member that waits for its database must not be put out of its group."""


class Reader(Protocol):
    """Who reads from the app."""

    def resumed(self, committed: Mapping[TopicPartition, int | None]) -> None:
        """These partitions are ours now and fetching begins."""
        ...

    async def revoked(self) -> None:
        """All partitions are about to be taken away."""
        ...

    async def take(self, messages: Sequence[Any]) -> None:
        """Take one batch; returns when all of it was read or was not wanted."""
        ...


class _Unread(dict[Any, Any]):
    """Faust drops what lies below its last read offset, and with it what was sought again."""

    def __getitem__(self, key: Any) -> None:
        return None


class _Consumer(driver.Consumer):
    """Faust's consumer without its book of acks."""

    app: "Embedded"
    logger = FAUST
    _thread: FaustThread

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._read_offset = _Unread()

    def _new_consumer_thread(self) -> FaustThread:
        return FaustThread(self, loop=self.loop, beacon=self.beacon)

    def ack(self, message: Any) -> bool:
        """What Faust acks may never have been handled: it only stops being waited for."""
        message.acked = True
        self._unacked_messages.discard(message)
        return True

    async def commit(self, topics: Any = None, start_new_transaction: Any = None) -> bool:
        """Never what Faust thinks is done; see ``commit_now``."""
        return False

    async def commit_now(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Commit what the pump says."""
        await self._thread.commit_now(offsets)

    def resume_flow(self) -> None:
        """Called by Faust when an assignment stands and has been sought to its commits."""
        committed = self._committed_offset
        self.app.reader.resumed({tp: committed.get(tp) for tp in self.assignment()})
        super().resume_flow()

    def verify_event_path(self, now: float, tp: Any) -> None:
        """It would log for ever that Faust itself commits nothing."""


class _Transport(driver.Transport):
    Consumer = _Consumer


class Embedded(faust.App):
    """A Faust app as a service of this loop: no web, no tables, no timers, no signal handlers."""

    logger = FAUST

    def __init__(self, source: KafkaSource, topics: Collection[str], reader: Reader) -> None:
        self.reader = reader
        brokers = [URL(f"kafka://{one}") for one in source.bootstrap.split(",")]
        super().__init__(**_settings(source), broker=brokers, loop=asyncio.get_running_loop())
        self.transport = _Transport(brokers, self)
        self.boot_strategy.enable_kafka_producer = False  # we publish ourselves
        self.on_partitions_revoked.connect(self._tell_reader)
        self.agent(self._raw(topics), name=source.group, concurrency=1)(self._take)

    @property
    def fetching(self) -> _Consumer:
        """The consumer behind the app."""
        return cast("_Consumer", self.consumer)

    async def _take(self, stream: Any) -> None:
        """Nothing escapes: Faust would go on behind the batch, so the app ends and is not acked."""
        try:
            async for events in stream.take_events(BATCH, within=WITHIN_SECONDS):
                await self.reader.take([event.message for event in events])
        except Exception as error:  # noqa: BLE001 - whatever it is ends the app
            await self.crash(error)

    async def _tell_reader(self, *_: Any, **__: Any) -> None:
        await self.reader.revoked()

    def _raw(self, topics: Collection[str]) -> Any:
        """Bytes in, bytes out: an error in Faust's decoding ends ``take`` for good."""
        return self.topic(
            *topics,
            key_type=bytes,
            value_type=bytes,
            key_serializer="raw",
            value_serializer="raw",
        )

    def _create_directories(self) -> None:
        """None: they are for tables."""


def _credentials(security: Security) -> faust.auth.Credentials | None:
    """As Faust names what guards a connection."""
    tls = security.tls()
    if security.sasl:
        return faust.SASLCredentials(
            mechanism=security.mechanism,
            username=security.username,
            password=security.password,
            ssl_context=tls,
        )
    return None if tls is None else faust.SSLCredentials(tls)


def _settings(source: KafkaSource) -> dict[str, Any]:
    return {
        "id": source.group,
        "broker_client_id": source.group,
        "broker_credentials": _credentials(source.security),
        "broker_session_timeout": source.session_ms / 1000,
        "broker_heartbeat_interval": source.session_ms / 4000,
        "broker_max_poll_interval": NEVER_SECONDS,
        "consumer_max_fetch_size": 4_000_000,
        "consumer_auto_offset_reset": "earliest",
        "stream_buffer_maxsize": 1000,
        "stream_wait_empty": False,  # the pump finishes its batch; one that retries never would
        "topic_allow_declare": False,
        "topic_disable_leader": True,
        "web_enabled": False,
    }

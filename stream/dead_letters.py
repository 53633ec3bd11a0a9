"""What was kept aside, and how is it put back? Listed without text, shown whole, replayed.

The topic table is passed in: stream knows no service by name.
"""

import asyncio
import contextlib
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Literal

import msgspec
from aiokafka import AIOKafkaProducer

from schemas.dead_letters import DeadLetter
from schemas.event import Topic
from stream.publisher import STOP_SECONDS
from stream.reading import read_all
from stream.topic_admin import Cluster, check

Result = Literal["replayed", "same_as_earlier", "not_replayable", "unreadable"]

Row = Mapping[str, Any]
"""One line of an answer, ready for JSON."""


class Shelf(msgspec.Struct, frozen=True, kw_only=True):
    """Where one service's letters lie, where they go back, and which topics only it writes."""

    service: str
    letters: Topic
    retry: Topic
    written: frozenset[str] = frozenset()


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A record of a dead-letter topic; ``letter`` is None where it cannot be read itself."""

    service: str
    partition: int
    offset: int
    letter: DeadLetter | None

    @property
    def where(self) -> Row:
        """What names it on the command line."""
        return {"service": self.service, "partition": self.partition, "offset": self.offset}


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which letters are meant; None means all."""

    reason: str | None = None
    place: tuple[int, int] | None = None

    def __call__(self, kept: Kept) -> bool:
        """Is this one of them?"""
        reason = kept.letter.reason.value if kept.letter else "unreadable"
        here = (kept.partition, kept.offset)
        return self.reason in {None, reason} and self.place in {None, here}


async def kept_aside(cluster: Cluster, shelf: Shelf, wanted: Wanted) -> list[Kept]:
    """A service's letters in order per partition; raises ``TopicsDiffer`` without its topic."""
    await check(cluster, (shelf.letters,))
    found = [
        Kept(
            service=shelf.service,
            partition=record.partition,
            offset=record.offset,
            letter=_letter(record.value),
        )
        for record in await read_all(cluster, shelf.letters)
    ]
    return [kept for kept in found if wanted(kept)]


def listed(kept: Kept) -> Row:
    """One line on a letter: nothing of its key, its headers or its text."""
    letter = kept.letter
    if letter is None:
        return {**kept.where, "reason": "unreadable", "detail": "expected a dead letter"}
    return {
        **kept.where,
        "reason": letter.reason.value,
        "detail": letter.detail,
        "topic": letter.topic,
        "origin_partition": letter.partition,
        "origin_offset": letter.offset,
        "at": letter.occurred_at,
    }


def shown(kept: Kept) -> Row:
    """All of a letter, for an operator's eyes: bytes as text where they are UTF-8, else base64."""
    letter = kept.letter
    if letter is None:
        return listed(kept)
    return {
        **listed(kept),
        "version": letter.version,
        "key": _readable(letter.key),
        "headers": [[name, _readable(value)] for name, value in letter.headers],
        "value": _readable(letter.value),
    }


async def replay(
    cluster: Cluster, shelf: Shelf, letters: Sequence[Kept]
) -> AsyncIterator[tuple[Kept, Result]]:
    """Put the original records on the retry topic, each acked before the next is tried.

    A record that was replayed before and failed again has two letters; it is put back once.
    """
    await check(cluster, (shelf.retry,))
    producer = AIOKafkaProducer(
        **cluster.arguments(),
        client_id="otklik-operator",
        acks="all",
        enable_idempotence=True,
        max_request_size=2_000_000,
    )
    await producer.start()
    try:
        sent: set[tuple[Any, ...]] = set()
        for kept in letters:
            result = _judged(kept, shelf, cluster.partitions, sent)
            if result == "replayed" and kept.letter:
                await _put_back(producer, shelf.retry.under(cluster.prefix), kept.letter)
                sent.add(_record(kept.letter))
            yield kept, result
    finally:
        with contextlib.suppress(TimeoutError):  # it hangs while the broker is away
            await asyncio.wait_for(producer.stop(), STOP_SECONDS)


def _judged(kept: Kept, shelf: Shelf, partitions: int, sent: set[tuple[Any, ...]]) -> Result:
    """What is to become of a letter; a service reads no topic that it writes itself."""
    letter = kept.letter
    if letter is None:
        return "unreadable"
    unsendable = letter.key is None and letter.value is None  # aiokafka refuses such a record
    if letter.topic in shelf.written or letter.partition >= partitions or unsendable:
        return "not_replayable"
    return "same_as_earlier" if _record(letter) in sent else "replayed"


async def _put_back(producer: AIOKafkaProducer, topic: str, letter: DeadLetter) -> None:
    await producer.send_and_wait(
        topic,
        value=letter.value,
        key=letter.key,
        partition=letter.partition,
        headers=list(letter.headers),
    )


def _record(letter: DeadLetter) -> tuple[Any, ...]:
    return letter.partition, letter.key, letter.headers, letter.value


def _letter(value: bytes | None) -> DeadLetter | None:
    try:
        return msgspec.json.decode(value or b"", type=DeadLetter)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _readable(value: bytes | None) -> Row | None:
    if value is None:
        return None
    try:
        return {"text": value.decode()}
    except UnicodeDecodeError:
        return {"base64": b64encode(value).decode()}

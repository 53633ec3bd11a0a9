"""What does ingest do with what came in? All of it acked by the broker, or none of it answered.

A request's events are kept raw first and then as posts or dead letters, within one budget.
"""

import asyncio
import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from schemas.dead_letters import DeadLetter
from schemas.event import CANARY, partition_of
from schemas.posts import RawReference, SocialPost
from schemas.topics import POSTS, POSTS_RAW, dead_letters
from services.ingest.domain.brands import Account
from services.ingest.domain.erasure import People, spared
from services.ingest.domain.fate import (
    Receipt,
    Unavailable,
    first_of_each,
    receipt_of,
    retry_after,
)
from services.ingest.domain.finding import (
    RAW_BYTES,
    Finding,
    event_of,
    finding_of,
    in_place,
    places_of,
    sought_by,
)
from services.ingest.domain.heard import Heard, What
from services.ingest.domain.place import Place, place_key
from services.ingest.domain.receipt import Arrived, Refused
from services.ingest.metrics import Metrics
from services.ingest.platforms.table import Platform, read
from stream import trace
from stream.decode import letter_out
from stream.flow import Origin, Outgoing, Publish, outgoing
from stream.metrics import StreamMetrics

LOG = logging.getLogger(__name__)
LETTERS = dead_letters("ingest")
REMEMBERED = 100_000
"""How many acked event ids a replica remembers: it saves work, readers do the deduplication."""


class Keeping(msgspec.Struct, frozen=True, kw_only=True):
    """How events are kept; ``ack_seconds`` is the budget for all acks of a request, real time.

    ``broker_errors`` are what a missing ack raises; a budget that has run out is an ``OSError``.
    """

    partitions: int
    ack_seconds: float
    version: str
    broker_errors: tuple[type[Exception], ...] = (OSError,)


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """A verified request, or a part of a file; ``real_at`` is real time, business in ``seen``."""

    source: str
    events: tuple[Arrived, ...]
    real_at: datetime
    message_id: str
    traceparent: str | None = None


class Memory(Protocol):
    """What ingest remembers across requests and replicas; written behind, it only saves work."""

    async def find(self, keys: Collection[str]) -> Mapping[str, Place]:
        """The places of posts, as far as they are known."""
        ...

    def note(self, key: str, place: Place) -> None:
        """Remember a post's place."""
        ...

    def heard(self, heard: Heard, at: datetime) -> None:
        """Remember when a source was heard, real time."""
        ...

    def people(self) -> People:
        """How authors are hashed, and who of them is forgotten."""
        ...


class Receiving:
    """Keeps what is authentic, whatever it says; a request wholly or not at all (P1 to P3)."""

    def __init__(
        self,
        publish: Publish,
        keeping: Keeping,
        metrics: Metrics,
        shared: StreamMetrics,
        memory: Memory,
    ) -> None:
        self._publish, self._keeping, self._memory = publish, keeping, memory
        self._metrics, self._shared = metrics, shared
        self._recent: dict[str, None] = {}
        self._refused = 0

    async def receive(self, platform: Platform, arrival: Arrival) -> Receipt | Unavailable:
        """Publish the events that are new here; returns once all of them are acked."""
        findings = self.findings(platform, arrival)
        fresh = first_of_each(findings, self._recent)
        try:
            async with asyncio.timeout(self._keeping.ack_seconds):
                kept = await self._placed([one for one in fresh.values() if one.is_kept])
                await self._keep(kept, arrival.traceparent)
        except self._keeping.broker_errors as error:
            if self._refused == 0:
                about = {"source": arrival.source, "error": type(error).__name__}
                LOG.warning("not acked in time, platforms are told to come again", extra=about)
            self._refused += 1
            return Unavailable(retry_after=retry_after(arrival.message_id))
        if self._refused:
            LOG.info("acked again", extra={"count": self._refused})
            self._refused = 0
        self._remember(fresh)
        heard = [one.seen.account for one in findings if not one.is_drilled]
        for account in {account.id: account for account in heard}.values():
            self._note(account, What.event, arrival.real_at)
        for one in kept:
            self._count(one, arrival.real_at)
        return receipt_of(findings, fresh)

    def findings(self, platform: Platform, arrival: Arrival) -> list[Finding]:
        """What each event of a request is, in order."""
        return [self._found(platform, one) for one in arrival.events]

    def _found(self, platform: Platform, one: Arrived) -> Finding:
        """What it is, as far as it may be kept."""
        outcome, source = read(platform, one.native, one.seen), one.seen.account.source
        people = self._memory.people()
        return finding_of(*spared(one.native, outcome, source=source, people=people), one.seen)

    async def knows(self, brand: str, post_id: str) -> bool:
        """Was that post of the brand ever seen here, as far as it is remembered?"""
        key = place_key(brand, post_id)
        return key in await self._memory.find({key})

    def greeted(self, account: Account, real_at: datetime) -> None:
        """A platform asked whether the address is ours."""
        self._note(account, What.handshake, real_at)

    def polled(self, account: Account, real_at: datetime) -> None:
        """A source was read, whether it said something new or not."""
        self._note(account, What.cursor, real_at)
        self._metrics.moved(account.brand, account.source, real_at)

    def _note(self, account: Account, what: What, real_at: datetime) -> None:
        if account.brand != CANARY:  # it is no source that could fall silent
            self._memory.heard(Heard(source=account.source, account=account.id, what=what), real_at)

    async def _placed(self, findings: Sequence[Finding]) -> Sequence[Finding]:
        """With the conversation of those that do not tell their own (P7), in order."""
        known: dict[str, Place] = {}
        if wanted := {key for one in findings if (key := sought_by(one))}:
            known.update(await self._memory.find(wanted))
        done = []
        for one in findings:
            done.append(in_place(one, known.get(sought_by(one) or "")))
            known.update(places_of(done[-1]))
        return done

    async def _keep(self, findings: Sequence[Finding], traceparent: str | None) -> None:
        if not findings:
            return
        numbers = [partition_of(one.key, self._keeping.partitions) for one in findings]
        raws = [_raw_out(one, number) for one, number in zip(findings, numbers, strict=True)]
        offsets = await self._publish(raws)
        kept = [
            RawReference(topic=POSTS_RAW.name, partition=number, offset=offset)
            for number, offset in zip(numbers, offsets, strict=True)
        ]
        events = [
            (event_of(one, place, self._keeping.version), one)
            for one, place in zip(findings, kept, strict=True)
        ]
        with trace.sending(POSTS.name, traceparent, len(events)) as carried:
            await self._publish([_out(event, one, carried) for event, one in events])

    def _remember(self, event_ids: Iterable[str]) -> None:
        """Only after the ack (P6); the oldest are forgotten first."""
        self._recent.update(dict.fromkeys(event_ids))
        while len(self._recent) > REMEMBERED:
            del self._recent[next(iter(self._recent))]

    def _count(self, one: Finding, real_at: datetime) -> None:
        if one.is_drilled:
            self._metrics.drill_posts.inc()
        elif isinstance(one.outcome, Refused):
            reason = one.outcome.reason.value
            self._shared.dead_letters.labels("ingest", POSTS_RAW.name, reason).inc()
            LOG.warning("dead letter", extra={"event_id": one.event_id, "reason": reason})
        elif isinstance(one.outcome, SocialPost) and not one.is_canary:
            self._metrics.kept(one.outcome, real_at)
            for key, place in places_of(one):
                self._memory.note(key, place)


def _raw_out(finding: Finding, partition: int) -> Outgoing:
    return Outgoing(
        topic=POSTS_RAW.name,
        partition=partition,
        key=finding.raw_key.encode(),
        value=finding.native.raw[:RAW_BYTES],
        headers=finding.raw_headers,
        event_id=finding.event_id,
    )


def _out(event: SocialPost | DeadLetter, finding: Finding, traceparent: str | None) -> Outgoing:
    if isinstance(event, DeadLetter):
        return letter_out(event, LETTERS)
    origin = Origin(service="ingest", brand=event.brand, traceparent=traceparent)
    partition = event.raw.partition if event.raw else 0
    return outgoing(event, topic=POSTS, key=finding.key, partition=partition, origin=origin)

"""How do bytes get from Kafka into a flow? Poll, process, await acks, commit."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence, Set
from typing import Generic

from stream.clock import Clock
from stream.failures import Fenced, Flooded, StoppedOnBug, is_dependency
from stream.flow import Received, U, Where
from stream.hurry import hurry
from stream.member import KafkaSource, Member
from stream.probes import Probes
from stream.process import Kept, Process

LOG = logging.getLogger(__name__)

POLL_SECONDS = 0.2
COMMIT_SECONDS = 1.0
DRAIN_SECONDS = 2.5
BACK_OFF_SECONDS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)


class RecreatedTopic(Exception):  # noqa: N818 - says what was found
    """The store has consumed further than the topic reaches: it belongs to another broker."""


class AiokafkaPump(Generic[U]):
    """The loop of one member of a service's consumer group.

    ``left`` says how many records of each partition were not read a second ago; it is empty while
    that is unknown.
    """

    member_type: type[Member] = Member

    def __init__(
        self,
        process: Process[U],
        effects: Kept[U],
        *,
        source: KafkaSource,
        probes: Probes,
        clock: Clock,
    ) -> None:
        self._process, self._effects, self._metrics = process, effects, process.metrics
        self._probes, self._clock = probes, clock
        self._member = self.member_type(source, [topic.name for topic in process.flow.reads])
        self.stopped: set[Where] = set()
        self.handled: dict[Where, int] = {}
        self.left: Mapping[Where, int] = {}
        self._age: dict[str, float] = {}
        self._committed_at = clock.monotonic()

    async def run(self, stop: asyncio.Event) -> None:
        """Consume until ``stop``; the batch in hand is finished and committed.

        One that waits for an outage is cut off: it had no effect that is committed.
        """
        try:
            async with hurry(stop, DRAIN_SECONDS) as patience:
                await self._member.start()
                while not stop.is_set():
                    await self._turn(stop)
            if patience.expired():
                LOG.warning("stopped in mid batch, it will come again")
        finally:
            await self._member.stop()

    async def _turn(self, stop: asyncio.Event) -> None:
        member = self._member
        if member.newly_assigned:
            await self._retried(self._take_over, stop)
        got = await member.poll(POLL_SECONDS)
        self._probes.turned()
        if member.newly_assigned:  # read again, from where the store stands
            member.give_back(got)
            return
        await self._handle(got, stop)
        if not got:
            await self._retried(self._drain, stop)
        if not stop.is_set():  # the member commits as it stops, once
            await self._commit_now_and_then()
        self._free_the_quarantined()

    async def _handle(self, got: Mapping[Where, Sequence[Received]], stop: asyncio.Event) -> None:
        """A poll in one step; where that does not take hold, each partition by itself."""
        member, assignment = self._member, self._member.rebalances
        if len(got) > 1 and await self._together(got, stop):
            return
        for where, records in got.items():
            if member.rebalances != assignment:
                break  # the rest was another's for a while, and is read from where that one came to
            if where in member.owned():
                await self._batch(where, records, stop)

    async def _together(self, got: Mapping[Where, Sequence[Received]], stop: asyncio.Event) -> bool:
        started = self._clock.monotonic()
        if not await self._retried(lambda: self._process.together(got), stop, got.keys()):
            return False
        self._took_hold(got, started)
        return True

    def _free_the_quarantined(self) -> None:
        """Let stopped partitions go on when an operator has set a record aside (design 3.3)."""
        if self._process.quarantine.refresh() and self.stopped:
            self._member.resume(self.stopped)
            self.stopped.clear()
            for reason in ("bug", "flood"):
                self._metrics.flow_stopped.labels(self._metrics.service, reason).set(0)

    async def _take_over(self) -> None:
        """Before the first batch of an assignment: publish leftovers, stand where the store does.

        Never inside the rebalance listener: aiokafka swallows what is raised there.
        """
        member = self._member
        member.newly_assigned = False  # first: another assignment may come while we await
        self._metrics.rebalances.labels(self._metrics.service).inc()
        await self._drain()
        stands = await self._effects.positions(member.owned())
        ends = await member.ends(list(stands))
        for where, offset in stands.items():
            if offset > ends[where]:
                raise RecreatedTopic(
                    f"expected {where} to reach {offset}, it ends at {ends[where]}: an old "
                    "database with a new broker? Give each installation its own"
                )
            self._handled_to(where, offset)  # or a group that was behind shows lag for ever
        member.seek(stands)
        self.stopped.clear()
        self._probes.ready = True

    async def _batch(self, where: Where, records: Sequence[Received], stop: asyncio.Event) -> None:
        started = self._clock.monotonic()
        try:
            done = await self._retried(lambda: self._process.batch(records), stop, {where})
        except (StoppedOnBug, Flooded) as error:
            self._stop(where, error)
        except Fenced as error:
            LOG.warning("fenced: %s", error)
            self._member.newly_assigned = True
            self._member.give_back({where: records})
        else:
            if done:
                self._took_hold({where: records}, started)
            else:
                self._member.give_back({where: records})

    async def _retried(
        self,
        work: Callable[[], Awaitable[object]],
        stop: asyncio.Event,
        wheres: Set[Where] = frozenset(),
    ) -> bool:
        """Try until the dependency is back; False if stopped or revoked before that.

        False also where the work itself says so.
        """
        attempt = 0
        while not stop.is_set():
            try:
                return await work() is not False
            except Exception as error:
                if not is_dependency(error):
                    raise
                LOG.warning("dependency failed", extra={"error": type(error).__name__})
                self._metrics.dependency_retries.labels(self._metrics.service).inc()
                await self._back_off(attempt)
                attempt += 1
                if not wheres <= self._member.owned():
                    return False
        return False

    async def _back_off(self, attempt: int) -> None:
        """Wait with everything paused, and poll so that the group keeps us (design 3.3)."""
        self.left = {}  # what a broker or a store that fails would have told is unknown
        seconds = BACK_OFF_SECONDS[min(attempt, len(BACK_OFF_SECONDS) - 1)]
        paused = self._member.owned() - self.stopped
        self._member.pause(paused)
        until, left = self._clock.monotonic() + seconds, seconds
        while left > 0:
            got = await self._member.poll(left)  # of partitions that were assigned meanwhile
            self._member.give_back(got)
            self._probes.turned()
            left = until - self._clock.monotonic()
        self._member.resume(paused)

    def _stop(self, where: Where, error: StoppedOnBug | Flooded) -> None:
        reason = "bug" if isinstance(error, StoppedOnBug) else "flood"
        self.stopped.add(where)
        self._handled_to(where, error.received.offset)
        self._member.seek({where: error.received.offset})
        self._member.pause({where})
        self._metrics.flow_stopped.labels(self._metrics.service, reason).inc()
        cause = type(error.__cause__).__name__ if error.__cause__ else None
        LOG.error("partition stopped: %s", error, extra={"reason": reason, "cause": cause})

    def _handled_to(self, where: Where, offset: int) -> None:
        self.handled[where] = offset
        self._member.done(where, offset)

    async def _drain(self) -> None:
        owned = {partition for _, partition in self._member.owned()}
        if owned:
            await self._effects.drain(owned)

    async def _commit_now_and_then(self) -> None:
        if self._clock.monotonic() - self._committed_at < COMMIT_SECONDS:
            return
        self._committed_at = self._clock.monotonic()
        committed, self.left = await self._member.commit(), await self._member.left()
        for topic in (one.name for one in self._process.flow.reads):
            waiting = sum(left for (name, _), left in self.left.items() if name == topic)
            self._metrics.lag_records.labels(self._metrics.service, topic).set(waiting)
            age = self._age.get(topic, 0.0) if waiting else 0.0
            self._metrics.lag_seconds.labels(self._metrics.service, topic).set(age)
        if committed or not any(self.left.values()):
            self._metrics.progress.labels(self._metrics.service).set(self._clock.real().timestamp())

    def _took_hold(self, got: Mapping[Where, Sequence[Received]], started: float) -> None:
        service, real = self._metrics.service, self._clock.real().timestamp()
        self._metrics.batch_seconds.labels(service).observe(self._clock.monotonic() - started)
        ages = self._metrics.stage_age_seconds.labels(service)
        for where, records in got.items():
            self._handled_to(where, records[-1].offset + 1)
            for record in records:
                age = max(0.0, real - record.timestamp_ms / 1000)
                ages.observe(age)
            self._age[where[0]] = age

"""Alerts are sent side by side, tried again with patience, and never lost.

The inputs that break the easy version: a channel that hangs beside one that does not; one message
that hangs among four that do not; a case that is over in the batch in which it was raised; a
provider that asks for a minute, for ever, or for no wait; a channel that is down for an hour.
"""

import asyncio
import inspect
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from prometheus_client import CollectorRegistry

from schemas.alerts import AlertChanged
from schemas.states import AlertState
from services.route.channels.breaker import FAILURES, PAUSE_SECONDS
from services.route.channels.delivering import (
    AT_ONCE,
    BACK_OFF_SECONDS,
    LONGEST_WISH_SECONDS,
    SEND_SECONDS,
    Channel,
    Delivering,
    Means,
    Patience,
    Wording,
    wait_before,
)
from services.route.channels.opening import open_channel
from services.route.channels.reaching import targets_client
from services.route.domain.alerting import Undelivered
from services.route.domain.message import About, Sending
from services.route.metrics import Metrics
from stream.clock import Clock
from stream.leases import Leases
from tests.provider import HANGS, Provider
from tests.unit.route.test_message import NIGHT, STOLEN, WORDS, about, alert


class Hands(Clock, frozen=True):
    """A clock that is moved by hand."""

    moved: list[float] = msgspec.field(default_factory=lambda: [0.0])

    def move(self, seconds: float) -> None:
        self.moved[0] += seconds

    def real(self) -> datetime:
        return self.real_start + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        return self.moved[0]


@dataclass
class Waiting:
    """One alert on its way."""

    id: str
    alert: AlertChanged
    due_at: float = 0.0
    about: About = field(default_factory=lambda: about("ru"))
    attempt: int = 0
    earlier: str | None = None
    stored_at: datetime = NIGHT
    traces: tuple[str, ...] = ()


class Kept:
    """Deliveries as the store keeps them: leased for good, given back, or done."""

    def __init__(self, clock: Clock, *waiting: Waiting) -> None:
        self._clock, self.waiting, self.leased = clock, list(waiting), list[Waiting]()
        self.done: list[tuple[str, str | None]] = []
        self.waits: list[float] = []

    async def fold(self) -> int:
        return 0

    async def take(self, channel: str, *, limit: int) -> Sequence[Waiting]:
        now = self._clock.monotonic()
        due = sorted((one for one in self.waiting if one.due_at <= now), key=lambda one: one.due_at)
        for one in due[:limit]:
            one.attempt += 1
            self.waiting.remove(one)
            self.leased.append(one)
        return due[:limit]

    async def oldest_pending(self, channel: str) -> datetime | None:
        return None

    async def delivered(self, delivery: Waiting, receipt: str | None) -> None:
        self.leased.remove(delivery)
        self.done.append((delivery.id, receipt))

    async def again(self, delivery: Waiting, *, in_seconds: float) -> None:
        self.leased.remove(delivery)
        delivery.due_at = self._clock.monotonic() + in_seconds
        self.waiting.append(delivery)
        self.waits.append(in_seconds)


@dataclass
class Saying:
    """A channel that does with each message what it is told."""

    does: Callable[[Sending], str | None] = lambda _: None
    meets: asyncio.Barrier | None = None
    sent: list[Sending] = field(default_factory=list)

    async def send(self, sending: Sending) -> str | None:
        self.sent.append(sending)
        if self.meets:
            await self.meets.wait()
        return self.does(sending)


class Hanging:
    """A channel that answers some messages only, and never says so of the others."""

    def __init__(self, *hang: str) -> None:
        self._hang = hang

    async def send(self, sending: Sending) -> str | None:
        if sending.id in self._hang:
            await asyncio.Event().wait()
        return None


def refuses(sending: Sending) -> None:
    raise Undelivered("status 503")


def cases(count: int) -> Iterator[Waiting]:
    """Alerts about as many cases."""
    for n in range(count):
        yield Waiting(f"m{n}", alert(STOLEN["ru"], group_key=f"g{n}"))


def still() -> Hands:
    return Hands(start=NIGHT, real_start=NIGHT)


def sending(
    channel: Channel, kept: Kept, clock: Clock, *, seconds: float = SEND_SECONDS, chance: float = 0
) -> tuple[Delivering[Waiting], CollectorRegistry]:
    registry = CollectorRegistry()
    pace = Patience(chance=lambda: chance, seconds=seconds)
    means = Means(Wording(WORDS, clock), pace, Metrics(registry))
    return Delivering("care", channel, kept, means), registry


async def test_a_batch_is_sent_side_by_side() -> None:
    clock = still()
    kept, channel = Kept(clock, *cases(20)), Saying(meets=asyncio.Barrier(AT_ONCE))
    care, _ = sending(channel, kept, clock)

    async with asyncio.timeout(5):
        tried = await care.turn()

    assert tried == len(kept.done) == AT_ONCE


async def test_one_message_that_hangs_delays_no_other() -> None:
    clock = still()
    kept = Kept(clock, *cases(AT_ONCE))
    care, _ = sending(Hanging("m0", "m3"), kept, clock, seconds=0)

    await care.turn()

    assert {name for name, _ in kept.done} == {"m1", "m2", "m4"}
    assert {one.id for one in kept.waiting} == {"m0", "m3"}
    assert kept.leased == []


async def test_a_channel_that_hangs_delays_no_other() -> None:
    clock = still()
    stuck, free = Kept(clock, *cases(AT_ONCE)), Kept(clock, *cases(AT_ONCE))
    hanging, _ = sending(Hanging("m0", "m1", "m2", "m3", "m4"), stuck, clock)
    good, _ = sending(Saying(), free, clock)

    turn = asyncio.create_task(hanging.turn())
    await good.turn()

    assert len(free.done) == AT_ONCE
    assert len(stuck.leased) == AT_ONCE
    turn.cancel()
    await asyncio.wait({turn})


async def test_over_sockets_a_provider_that_hangs_delays_no_other() -> None:
    clock = still()
    with Provider() as provider:
        provider.tells("/hangs", HANGS)
        async with targets_client() as client:
            hanging, good = (
                open_channel(name, f"slack:{provider.address}/{name}", client, "")
                for name in ("hangs", "takes")
            )
            stuck, free = Kept(clock, *cases(AT_ONCE)), Kept(clock, *cases(AT_ONCE))
            turn = asyncio.create_task(sending(hanging, stuck, clock, seconds=0.5)[0].turn())
            started = time.monotonic()
            await sending(good, free, clock)[0].turn()
            took = time.monotonic() - started
            await turn

    assert took < 0.4
    assert len(free.done) == AT_ONCE
    assert [one.id for one in stuck.waiting] == [f"m{n}" for n in range(AT_ONCE)]


def test_all_that_is_taken_ends_within_the_lease_even_one_after_another() -> None:
    lease = inspect.signature(Leases).parameters["seconds"].default

    assert lease > AT_ONCE * SEND_SECONDS


def of_one_case(*states: AlertState) -> Iterator[Waiting]:
    for n, state in enumerate(states):
        yield Waiting(f"m{n}", alert(STOLEN["ru"], state=state), due_at=n - 9)


async def test_a_case_is_told_in_order_and_as_one_thread() -> None:
    clock = still()
    kept = Kept(clock, *of_one_case(AlertState.raised, AlertState.updated, AlertState.resolved))
    channel = Saying(lambda sending: f"<{sending.id}>")
    care, _ = sending(channel, kept, clock)

    await care.turn()

    assert [(one.id, one.earlier) for one in channel.sent] == [
        ("m0", None),
        ("m1", "<m0>"),
        ("m2", "<m0>"),
    ]


async def test_a_case_is_never_over_before_it_was_raised() -> None:
    clock = still()
    kept = Kept(clock, *of_one_case(AlertState.raised, AlertState.resolved))
    channel = Saying(refuses)
    care, _ = sending(channel, kept, clock, chance=1)

    await care.turn()

    assert [one.id for one in channel.sent] == ["m0"]
    assert [one.id for one in kept.waiting] == ["m0", "m1"]
    assert kept.waits == [BACK_OFF_SECONDS[0]] * 2


async def test_a_channel_that_is_down_is_left_alone_and_nothing_is_lost() -> None:
    clock = still()
    kept, channel = Kept(clock, *cases(8)), Saying(refuses)
    care, registry = sending(channel, kept, clock)

    assert await care.turn() == FAILURES
    assert await care.turn() == 0
    assert _breaker(registry) == 1

    for _ in range(3600):
        clock.move(1)
        await care.turn()
    assert FAILURES + 3600 / 60 <= len(channel.sent) < FAILURES + 3600 / 60 + 10
    assert {one.id for one in kept.waiting} == {f"m{n}" for n in range(8)}

    channel.does = lambda _: None
    clock.move(PAUSE_SECONDS[-1])
    assert await care.turn() == 1
    assert _breaker(registry) == 0
    while await care.turn():
        pass
    assert sorted(name for name, _ in kept.done) == [f"m{n}" for n in range(8)]


def _breaker(registry: CollectorRegistry) -> float | None:
    return registry.get_sample_value("otklik_alert_breaker_open", {"channel": "care"})


async def test_a_channel_that_works_says_so_from_the_start() -> None:
    clock = still()
    _, registry = sending(Saying(), Kept(clock), clock)

    assert _breaker(registry) == 0


async def test_what_the_store_says_is_raised_once_all_have_ended() -> None:
    clock = still()
    kept = Kept(clock, *cases(AT_ONCE))

    class Failing(Kept):
        async def delivered(self, delivery: Waiting, receipt: str | None) -> None:
            if delivery.id == "m1":
                raise ConnectionError
            await super().delivered(delivery, receipt)

    failing = Failing(clock, *kept.waiting)
    care, _ = sending(Saying(), failing, clock)

    with pytest.raises(ConnectionError):
        await care.turn()

    assert {name for name, _ in failing.done} == {"m0", "m2", "m3", "m4"}


@pytest.mark.parametrize(
    ("attempt", "chance", "seconds"),
    [(1, 0.0, 0.0), (1, 0.5, 0.25), (3, 0.5, 1.0), (6, 0.5, 30.0), (99, 0.5, 30.0)],
)
def test_a_retry_is_spread_over_its_whole_wait(attempt: int, chance: float, seconds: float) -> None:
    assert wait_before(attempt, None, chance) == seconds


@pytest.mark.parametrize("chance", [0.0, 0.5, 0.999])
@pytest.mark.parametrize("wish", [0.0, 1.0, 17.0, 3600.0])
def test_a_provider_is_never_asked_before_it_wants_to_be(wish: float, chance: float) -> None:
    for attempt in (1, 6):
        wait = wait_before(attempt, wish, chance)

        assert wait >= wish
        assert wait <= max(wish + 1, BACK_OFF_SECONDS[attempt - 1])


def test_a_provider_that_wants_no_wait_is_still_given_one() -> None:
    assert wait_before(6, 0.0, 0.5) == 30.0


@pytest.mark.parametrize("wish", [1e12, 1e300, float("inf")])
def test_for_ever_is_a_day(wish: float) -> None:
    wait = wait_before(1, wish, 0.0)

    assert wait == LONGEST_WISH_SECONDS
    assert datetime(2026, 3, 2, tzinfo=UTC) + timedelta(seconds=wait)

"""When is an alert sent, and what if the channel refuses? Leased, tried again, never given up."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Generic, NamedTuple, Protocol, TypeVar

import msgspec

from schemas.alerts import AlertChanged
from schemas.event import CANARY
from services.route.channels.breaker import CLOSED, Breaker, allowance, failed
from services.route.domain.alerting import Undelivered
from services.route.domain.message import About, Sending, Words, message_of
from services.route.domain.phones import Phones
from services.route.metrics import Metrics
from stream import trace
from stream.clock import Clock

SEND_SECONDS = 5.0

AT_ONCE = 5
"""So many are taken at a time: were each of them as slow as it may, one after another, all would
still end within the lease."""

BACK_OFF_SECONDS = (0.5, 1.0, 2.0, 5.0, 15.0, 60.0)
"""How long a retry waits at most, by attempt."""

JITTER_SECONDS = 1.0
"""What is added at most where a provider says when, or all would come again at once."""

LONGEST_WISH_SECONDS = 86_400.0
"""A provider that asks for more than a day is asked again tomorrow."""


class Due(Protocol):
    """One alert on its way to one channel."""

    @property
    def id(self) -> str:
        """The same at every attempt."""
        ...

    @property
    def alert(self) -> AlertChanged:
        """What is to be told."""
        ...

    @property
    def about(self) -> About:
        """What its words are made of."""
        ...

    @property
    def attempt(self) -> int:
        """Which attempt this is, from 1."""
        ...

    @property
    def earlier(self) -> str | None:
        """What the channel called its first message about the group."""
        ...

    @property
    def traces(self) -> Sequence[str]:
        """What caused it, as far as it is recorded."""
        ...

    @property
    def stored_at(self) -> datetime:
        """Since when it waits, real time."""
        ...


D = TypeVar("D", bound=Due)


class Wording(NamedTuple):
    """The words of each language, the clock whose minutes are told, and how phones answer.

    A demo's clock runs faster.
    """

    words: Mapping[str, Words]
    clock: Clock
    phones: Phones = Phones()


class Alerts(Protocol[D]):
    """Leased deliveries."""

    async def take(self, channel: str, *, limit: int) -> Sequence[D]:
        """Lease deliveries that are due on a channel."""
        ...

    async def oldest_pending(self, channel: str) -> datetime | None:
        """Since when the oldest undelivered alert of a channel waits, real time."""
        ...

    async def delivered(self, delivery: D, receipt: str | None) -> None:
        """The channel has accepted it, and named it so."""
        ...

    async def again(self, delivery: D, *, in_seconds: float) -> None:
        """Try again after so many real seconds."""
        ...


class Channel(Protocol):
    """A way to reach people; raises where the alert must be tried again."""

    async def send(self, sending: Sending) -> str | None:
        """Send once; what names the message at the provider, where it gives such a name."""
        ...


class Patience(msgspec.Struct, frozen=True, kw_only=True):
    """How a channel is tried: ``chance`` gives numbers from 0 to below 1, which spread retries."""

    chance: Callable[[], float]
    seconds: float = SEND_SECONDS
    at_once: int = AT_ONCE


class Means(NamedTuple):
    """What all channels share."""

    wording: Wording
    pace: Patience
    metrics: Metrics


class Delivering(Generic[D]):
    """Sends what is due on one channel; another channel's slowness is not its own."""

    def __init__(self, name: str, channel: Channel, alerts: Alerts[D], means: Means) -> None:
        self._name, self._channel, self._alerts = name, channel, alerts
        self._wording, self._pace, self._metrics = means
        self._clock = means.wording.clock
        self._breaker = CLOSED
        self._now(CLOSED)

    async def turn(self) -> int:
        """Send what is due now, groups side by side; how many were taken."""
        many = allowance(self._breaker, self._clock.monotonic(), self._pace.at_once)
        due = await self._alerts.take(self._name, limit=many) if many else ()
        groups: dict[str, list[D]] = {}
        for delivery in due:
            groups.setdefault(delivery.alert.group_key, []).append(delivery)
        turns = map(self._in_order, groups.values())
        for raised in await asyncio.gather(*turns, return_exceptions=True):
            if raised:
                raise raised
        return len(due)

    async def watch(self) -> int:
        """Measure how long the oldest alert waits; always a rest afterwards."""
        oldest = await self._alerts.oldest_pending(self._name)
        age = (self._clock.real() - oldest).total_seconds() if oldest else 0.0
        self._metrics.alert_oldest_pending_seconds.labels(self._name).set(age)
        return 0

    async def _in_order(self, group: Sequence[D]) -> None:
        """One after another: a case that is over must not be raised behind that."""
        earlier, wait = None, None
        for delivery in group:
            if wait is None:
                earlier, wait = await self._one(delivery, earlier)
            else:
                await self._alerts.again(delivery, in_seconds=wait)

    async def _one(self, delivery: D, earlier: str | None) -> tuple[str | None, float | None]:
        """What names the group's first message, or in how many seconds to try again."""
        sending = self._sending(delivery, earlier)
        try:
            with trace.delivering(self._name, delivery.attempt, delivery.traces):
                async with asyncio.timeout(self._pace.seconds):
                    receipt = await self._channel.send(sending)
        except (Undelivered, TimeoutError) as error:
            wait = self._refused(delivery.attempt, getattr(error, "retry_after", None))
            await self._alerts.again(delivery, in_seconds=wait)
            return None, wait
        self._now(CLOSED)
        await self._alerts.delivered(delivery, receipt)
        self._count(delivery)
        return sending.earlier or receipt, None

    def _refused(self, attempt: int, wish: float | None) -> float:
        chance = self._pace.chance
        self._metrics.alert_attempts.labels(self._name, "failed").inc()
        self._now(failed(self._breaker, self._clock.monotonic(), chance()))
        return wait_before(attempt, wish, chance())

    def _now(self, breaker: Breaker) -> None:
        self._breaker = breaker
        self._metrics.alert_breaker_open.labels(self._name).set(breaker.is_open)

    def _count(self, delivery: D) -> None:
        self._metrics.alert_attempts.labels(self._name, "delivered").inc()
        if delivery.alert.brand == CANARY:
            return  # nobody was called
        age = (self._clock.real() - delivery.stored_at).total_seconds()
        name, kind = self._name, delivery.alert.kind
        self._metrics.alert_delivery_seconds.labels(name, kind).observe(age)
        self._metrics.alerts.labels(kind, name, "delivered").inc()

    def _sending(self, delivery: D, earlier: str | None) -> Sending:
        alert, words, real = delivery.alert, self._wording.words, self._clock.real()
        reach = self._wording.phones.reach(self._name, delivery.id, real)
        return Sending(
            id=delivery.id,
            alert=alert,
            message=message_of(alert, delivery.about, words, self._clock.now(), reach),
            at=real,
            earlier=delivery.earlier or earlier,
        )


def wait_before(attempt: int, wish: float | None, chance: float) -> float:
    """Real seconds before the next attempt: full jitter, and never less than the provider asks."""
    ours = BACK_OFF_SECONDS[min(attempt, len(BACK_OFF_SECONDS)) - 1] * chance
    if wish is None:
        return ours
    return max(ours, min(wish, LONGEST_WISH_SECONDS) + JITTER_SECONDS * chance)

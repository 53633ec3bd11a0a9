"""When is an alert sent, and what if the channel refuses? Leased, tried again, never given up."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Generic, NamedTuple, Protocol, TypeVar

from schemas.alerts import AlertChanged
from services.route.domain.alerting import Undelivered
from services.route.domain.message import About, Sending, Words, message_of
from services.route.domain.phones import Phones
from services.route.metrics import Metrics
from stream.clock import Clock

SEND_SECONDS = 5.0
BACK_OFF_SECONDS = (0.5, 1.0, 2.0, 5.0, 15.0, 60.0)


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


class Delivering(Generic[D]):
    """Sends what is due on one channel; another channel's slowness is not its own."""

    def __init__(
        self,
        name: str,
        channel: Channel,
        alerts: Alerts[D],
        *,
        metrics: Metrics,
        wording: Wording,
    ) -> None:
        self._name, self._channel, self._alerts = name, channel, alerts
        self._metrics, self._wording, self._clock = metrics, wording, wording.clock

    async def turn(self) -> int:
        """Send what is due now; how many were tried."""
        due = await self._alerts.take(self._name, limit=20)
        for delivery in due:
            await self._one(delivery)
        return len(due)

    async def watch(self) -> int:
        """Measure how long the oldest alert waits; always a rest afterwards."""
        oldest = await self._alerts.oldest_pending(self._name)
        age = (self._clock.real() - oldest).total_seconds() if oldest else 0.0
        self._metrics.alert_oldest_pending_seconds.labels(self._name).set(age)
        return 0

    async def _one(self, delivery: D) -> None:
        outcome = "delivered"
        try:
            async with asyncio.timeout(SEND_SECONDS):
                receipt = await self._channel.send(self._sending(delivery))
        except (Undelivered, TimeoutError) as error:
            outcome = "failed"
            wish = getattr(error, "retry_after", None)
            ours = BACK_OFF_SECONDS[min(delivery.attempt, len(BACK_OFF_SECONDS)) - 1]
            await self._alerts.again(delivery, in_seconds=ours if wish is None else wish)
        else:
            await self._alerts.delivered(delivery, receipt)
            age = (self._clock.real() - delivery.stored_at).total_seconds()
            labels = (self._name, delivery.alert.kind)
            self._metrics.alert_delivery_seconds.labels(*labels).observe(age)
            self._metrics.alerts.labels(delivery.alert.kind, self._name, outcome).inc()
        self._metrics.alert_attempts.labels(self._name, outcome).inc()

    def _sending(self, delivery: D) -> Sending:
        alert, words, real = delivery.alert, self._wording.words, self._clock.real()
        reach = self._wording.phones.reach(self._name, delivery.id, real)
        return Sending(
            id=delivery.id,
            alert=alert,
            message=message_of(alert, delivery.about, words, self._clock.now(), reach),
            at=real,
            earlier=delivery.earlier,
        )

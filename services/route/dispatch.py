"""How is the part that calls people put together? One turn for all, and one sender per channel."""

from collections.abc import Callable, Mapping, Sequence
from random import random  # noqa: TID251 - spreads retries, decides nothing

import httpx
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.event import CANARY
from services.route.channels.delivering import Channel, Delivering, Means, Patience, Wording
from services.route.channels.nobody import NobodyChannel
from services.route.channels.opening import open_channel
from services.route.domain.needs import words_of
from services.route.domain.rulebook import Rulebook
from services.route.metrics import Metrics
from services.route.settings import Settings, names, phones
from services.route.store.alerts import AlertStore
from services.route.store.canaries import CanaryDeliveries
from services.route.store.deliveries import Deliveries, Delivery
from services.route.store.gap_watch import GapWatch
from stream.clock import Clock
from stream.service import Part, repeated
from stream.settings import BadSettings

TURN_SECONDS = 0.1
CANARY_SECONDS = 1.0
WATCH_SECONDS = 5.0
GAP_SECONDS = 60.0
"""Real seconds between two looks for hours to come in which a team has nobody."""


def dispatch(
    alerts: AlertStore, channels: Mapping[str, Channel], deliveries: Deliveries, means: Means
) -> Sequence[Part]:
    """Turns, and two parts for each channel: one sends, one measures how long the oldest waits."""
    parts: list[Part] = [repeated(alerts.turn, TURN_SECONDS)]
    for name, channel in channels.items():
        sending: Delivering[Delivery] = Delivering(name, channel, deliveries, means)
        parts += [repeated(sending.turn, TURN_SECONDS), repeated(sending.watch, WATCH_SECONDS)]
    return parts


def canary_calls(
    engine: AsyncEngine, clock: Clock, means: Means, passed: Callable[[], None]
) -> Sequence[Part]:
    """The channel that calls nobody; its watch shows senders that have died, on a quiet day too."""
    calls = CanaryDeliveries(engine, clock, passed)
    sending: Delivering[Delivery] = Delivering(CANARY, NobodyChannel(), calls, means)
    return repeated(sending.turn, CANARY_SECONDS), repeated(sending.watch, WATCH_SECONDS)


def looking_ahead(engine: AsyncEngine, rulebook: Rulebook, clock: Clock, metrics: Metrics) -> Part:
    """Looks for hours to come in which a team has nobody."""
    return repeated(GapWatch(engine, rulebook, clock, metrics).turn, GAP_SECONDS)


def means_of(settings: Settings, rulebook: Rulebook, metrics: Metrics, clock: Clock) -> Means:
    """What messages are made of, and how failures are waited out."""
    wording = Wording(words_of(rulebook.current.needs), clock, phones(settings))
    return Means(wording, Patience(chance=random), metrics)


def channels_of(settings: Settings, client: httpx.AsyncClient) -> Mapping[str, Channel]:
    """Every channel that the deployment names; raises ``BadSettings``."""
    targets = names(settings.channels, "CHANNELS")
    if CANARY in targets:
        raise BadSettings(f"CHANNELS.{CANARY}: expected another name, the canary has this one")
    return {
        name: open_channel(name, target, client, settings.channel_secret, smtp=settings.smtp_url)
        for name, target in targets.items()
    }

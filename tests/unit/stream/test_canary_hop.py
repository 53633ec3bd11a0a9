"""A service's hop is noted by a canary that its step has taken hold of, and by nothing else.

The inputs that break the easy version: a publish whose ack is lost; a canary that cannot be read,
that is refused, that meets a bug, or that is skipped since it was handled before; a post of a real
brand beside none; a process that has no clock.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
import pytest
from prometheus_client import CollectorRegistry

from schemas.event import CANARY
from stream.failures import StoppedOnBug
from stream.flow import Outgoing, Received
from stream.memory_pump import MemoryBroker
from stream.metrics import StreamMetrics
from stream.process import Direct, Process, Work
from tests.echo import LETTERS, READ, Echo, fail, flow, noted, raw, refuse
from tests.promises import Acks

AT = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


class Skipping:
    """Effects of a store that stands behind these records already."""

    async def once(self, records: Sequence[Received], work: Work[None]) -> None:
        """Nothing is fresh: the work is not asked."""


class Probe:
    """One process over a broker in memory."""

    def __init__(self, *, effects: Skipping | None = None) -> None:
        self.broker, self.echo, self.registry = MemoryBroker(), Echo(), CollectorRegistry()
        self.acks = Acks(self.broker)
        self.process = Process(
            flow(self.echo),
            effects=effects or Direct(self.acks),
            letters=LETTERS,
            metrics=StreamMetrics(self.registry, "probe", "test", lambda: AT),
        )

    async def takes(self, *records: Outgoing) -> float | None:
        """Process these, and tell when a canary has passed."""
        await self.broker(records)
        await self.process.batch(self.broker.log(READ.name))
        return self.passed

    @property
    def passed(self) -> float | None:
        return self.registry.get_sample_value("otklik_canary_timestamp_seconds", {"hop": "probe"})


def canary(number: int = 1) -> Outgoing:
    """A record of the canary's brand."""
    return of_brand(noted(number), CANARY)


def of_brand(record: Outgoing, brand: str) -> Outgoing:
    headers = [one for one in record.headers if one[0] != "otklik_brand"]
    return msgspec.structs.replace(record, headers=(*headers, ("otklik_brand", brand.encode())))


async def test_a_canary_that_took_hold_is_noted_in_real_time() -> None:
    assert await Probe().takes(noted(1), canary(2), noted(3)) == AT.timestamp()


@pytest.mark.parametrize("brand", ["severbank", "", f"{CANARY}2"])
async def test_the_posts_of_others_note_nothing(brand: str) -> None:
    assert await Probe().takes(of_brand(noted(1), brand)) is None


async def test_a_canary_whose_output_was_not_acked_has_not_passed() -> None:
    probe = Probe()
    probe.acks.lost = lambda: None

    with pytest.raises(Exception, match="KafkaTimeoutError"):
        await probe.takes(canary())

    assert probe.passed is None


async def test_a_canary_that_is_put_aside_has_not_passed() -> None:
    refused, unread = Probe(), Probe()
    refused.echo.on[1] = refuse

    assert await refused.takes(canary(1), noted(2)) is None
    assert await unread.takes(of_brand(raw(b"{"), CANARY)) is None


async def test_a_canary_that_meets_a_bug_has_not_passed() -> None:
    probe = Probe()
    probe.echo.on[1] = fail

    with pytest.raises(StoppedOnBug):
        await probe.takes(canary(1))

    assert probe.passed is None


async def test_a_canary_that_was_handled_before_does_not_pass_again() -> None:
    assert await Probe(effects=Skipping()).takes(canary()) is None


async def test_a_process_without_a_clock_notes_nothing() -> None:
    registry = CollectorRegistry()

    StreamMetrics(registry, "probe", "test").passed("probe")

    assert registry.get_sample_value("otklik_canary_timestamp_seconds", {"hop": "probe"}) is None

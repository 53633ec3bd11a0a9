"""What time is it? The only place that reads a clock: business time may run scaled, real not."""

import time
from datetime import UTC, datetime, timedelta

import msgspec


class Clock(msgspec.Struct, frozen=True, kw_only=True):
    """Business time ``start + (real - real_start) * factor``; real time is never scaled."""

    start: datetime
    real_start: datetime
    factor: float = 1.0

    def now(self) -> datetime:
        """Business time, UTC: due times, windows, repeat intervals."""
        return self.start + (self.real() - self.real_start) * self.factor

    def real(self) -> datetime:
        """Real time, UTC: ack timeouts, leases, back-off, signatures."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds for measuring durations."""
        return time.monotonic()

    def business(self, real_seconds: float) -> timedelta:
        """How much business time passes in so many real seconds."""
        return timedelta(seconds=real_seconds * self.factor)


def parse_clock(text: str) -> Clock:
    """The clock of ``CLOCK``: empty is real time, ``START@FACTORx/EPOCH`` is scaled.

    ``2026-03-02T00:00:00Z@3600x/1790000000.5`` says that business time was START at the Unix time
    EPOCH and runs FACTOR times as fast; without EPOCH it starts now. One EPOCH for all services
    makes one clock.
    """
    real = datetime.now(UTC)
    if not text:
        return Clock(start=real, real_start=real)
    try:
        start, _, rest = text.partition("@")
        factor, _, epoch = rest.partition("/")
        return Clock(
            start=datetime.fromisoformat(start).astimezone(UTC),
            real_start=datetime.fromtimestamp(float(epoch), UTC) if epoch else real,
            factor=float(factor.removesuffix("x")),
        )
    except ValueError as error:
        expected = "expected CLOCK like 2026-03-02T00:00:00Z@3600x"
        raise ValueError(f"{expected}, got {text!r}") from error

"""Is the broker worth asking? After misses in a row only a probe a second is sent (P9)."""

MISSES = 3
"""After how many missing acks in a row the breaker opens."""

PROBE_SECONDS = 1.0
"""How long it stays shut off between two probes."""


class Breaker:
    """Open means: answer 503 without touching the producer. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._misses = 0
        self._probe_at = 0.0

    @property
    def is_open(self) -> bool:
        """Do requests have to be turned away?"""
        return self._misses >= MISSES

    def admits(self, now: float) -> bool:
        """May this one be sent? While the breaker is open one in a second may: it is the probe."""
        if not self.is_open:
            return True
        if now < self._probe_at:
            return False
        self._probe_at = now + PROBE_SECONDS
        return True

    def acked(self) -> None:
        """The broker answers: closed at once."""
        self._misses = 0

    def missed(self, now: float) -> None:
        """An ack is missing."""
        self._misses += 1
        self._probe_at = now + PROBE_SECONDS

"""When is a channel left alone? After failures in a row, each time longer, then for one probe.

What is due meanwhile stays due: it is not taken, so no attempt is counted and nothing is lost.
"""

import msgspec

FAILURES = 5
"""After how many failures in a row a channel is left alone."""

PAUSE_SECONDS = (5.0, 10.0, 20.0, 40.0, 60.0)
"""For how long at most, by how often in a row."""


class Breaker(msgspec.Struct, frozen=True, kw_only=True):
    """How a channel has done lately; seconds are of a clock that only goes forward."""

    failures: int = 0
    pauses: int = 0
    until: float = 0.0

    @property
    def is_open(self) -> bool:
        """Is the channel left alone, or waiting for its probe?"""
        return self.pauses > 0


CLOSED = Breaker()
"""A channel that works, or of which nothing else is known; any success leads here."""


def allowance(breaker: Breaker, now: float, most: int) -> int:
    """How many may be tried now: none during a pause, one after it."""
    if not breaker.is_open:
        return most
    return 1 if now >= breaker.until else 0


def failed(breaker: Breaker, now: float, chance: float) -> Breaker:
    """After one more failure; ``chance``, from 0 to 1, shortens a pause by up to a half."""
    if breaker.is_open and now < breaker.until:
        return breaker  # it was under way when the pause began
    failures = breaker.failures + 1
    if failures < FAILURES:
        return Breaker(failures=failures)
    longest = PAUSE_SECONDS[min(breaker.pauses, len(PAUSE_SECONDS) - 1)]
    until = now + longest * (1 - chance / 2)
    return Breaker(failures=failures, pauses=breaker.pauses + 1, until=until)

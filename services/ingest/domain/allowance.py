"""How much may a source send? A bucket of tokens, refilled at a rate; a request takes one (P9)."""

import math


class Allowance:
    """One source's bucket; full at first. Times are monotonic seconds.

    ``rate`` is requests a second on the long run, ``burst`` how many may come at once.
    """

    def __init__(self, *, rate: float, burst: int) -> None:
        self._rate, self._burst = rate, burst
        self._tokens, self._at = float(burst), 0.0

    def take(self, now: float) -> int:
        """0 where the request may pass, else after how many whole seconds to come again."""
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
        self._at = now
        if self._tokens >= 1:
            self._tokens -= 1
            return 0
        return max(1, math.ceil((1 - self._tokens) / self._rate))


class Room:
    """How many requests, and how many bytes of theirs, may be in hand at one time."""

    def __init__(self, *, requests: int, size: int) -> None:
        self._requests, self._size = requests, size

    def enter(self, size: int) -> bool:
        """Is there room for one more of so many bytes? It is taken then."""
        if self._requests < 1 or self._size < size:
            return False
        self._requests -= 1
        self._size -= size
        return True

    def leave(self, size: int) -> None:
        """Give back what ``enter`` took."""
        self._requests += 1
        self._size += size

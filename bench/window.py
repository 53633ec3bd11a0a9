"""What did a stretch of work cost? CPU of this process alone, and real time, per message."""

import os
import time

import msgspec


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """What one repetition of one case measured."""

    messages: int
    cpu_us: float
    """Microseconds of CPU per message, user and system, of the process that did the work."""
    wall_us: float
    """Microseconds of real time per message."""

    @property
    def per_second(self) -> float:
        """Messages in a second of real time."""
        return 1e6 / self.wall_us if self.wall_us else 0.0


class Window:
    """Opens once the first messages have warmed the process up, closes with the last."""

    def __init__(self, *, warm: int, total: int) -> None:
        self._warm, self._total = warm, total
        self._seen = self._counted_from = 0
        self._began: tuple[float, float] | None = None
        self.cost: Cost | None = None

    def acked(self, count: int) -> bool:
        """Note that so many more are done; True once all of them are."""
        self._seen += count
        if self._began is None and self._seen >= self._warm:
            self._began, self._counted_from = _now(), self._seen
        elif self._began and self._seen >= self._total and self.cost is None:
            self.cost = self._close(self._began)
        return self.cost is not None

    def _close(self, began: tuple[float, float]) -> Cost:
        cpu, wall = (now - then for now, then in zip(_now(), began, strict=True))
        messages = self._seen - self._counted_from
        return Cost(messages=messages, cpu_us=cpu * 1e6 / messages, wall_us=wall * 1e6 / messages)


def measured(window: Window) -> Cost:
    """The cost of a window that has closed."""
    if window.cost is None:
        raise RuntimeError("expected a window that saw all of its messages")
    return window.cost


def _now() -> tuple[float, float]:
    used = os.times()
    return used.user + used.system, time.monotonic()

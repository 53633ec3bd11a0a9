"""Which record is the next of its partition? Faust skips and repeats; a line does neither."""

from collections import deque
from collections.abc import Sequence
from typing import Any


class Line:
    """The records of one partition that stand ready, each the next of the one before."""

    def __init__(self, start: int | None) -> None:
        self.next = start
        self.ready = deque[Any]()
        self.paused = False
        self.astray = False
        self._ahead: int | None = None

    @property
    def position(self) -> int:
        """The offset that is read next."""
        return int(self.ready[0].offset) if self.ready else self.next or 0

    def offer(self, message: Any) -> None:
        """Take the next record; what is older was had, what lies ahead is sought from ``next``.

        Records that the broker no longer has leave the same gap when they are sought again.
        """
        offset: int = message.offset
        if self.next is not None and offset < self.next:
            return
        if self.paused or self.next is None:
            self.astray = True
        elif offset in {self.next, self._ahead}:
            self.ready.append(message)
            self.next, self._ahead = offset + 1, None
        elif self._ahead is None or offset < self._ahead:
            self._ahead, self.astray = offset, True

    def read(self, count: int) -> Sequence[Any]:
        """Up to so many records, in order."""
        return [self.ready.popleft() for _ in range(min(count, len(self.ready)))]

    def seek(self, offset: int) -> None:
        """Stand there."""
        self.ready.clear()
        self.next, self._ahead, self.astray = offset, None, True

"""Does a partition still tell us something? Measured by how long it has not, never by a date.

A replica whose clock is wrong must not page anybody: only durations count here.
"""

from collections.abc import Collection, Mapping


class Hearing:
    """When each partition was last heard, on a clock that only measures durations, in seconds."""

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._since: dict[int, float] = {}

    def heard(self, partition: int, now: float) -> None:
        """Its tick came."""
        self._since[partition] = now

    def silent(self, read_to_the_end: Collection[int], now: float) -> Mapping[int, float]:
        """By how much the silence of each partition outlasts our patience.

        A partition is silent only while we have read all that it holds: with records before us it
        is we who are late, and nothing is known to be missing.
        """
        self._since = {number: self._since.get(number, now) for number in read_to_the_end}
        over = {number: now - since - self._patience for number, since in self._since.items()}
        return {number: seconds for number, seconds in over.items() if seconds > 0}

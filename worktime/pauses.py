"""When is a ticket on hold? Pauses as they were recorded, made sorted and disjoint."""

from collections.abc import Iterable
from datetime import datetime
from typing import TypeAlias

from worktime.spans import END_OF_TIME, Span, united
from worktime.walls import to_micros

Pause: TypeAlias = tuple[datetime, datetime | None]
"""Half open and aware; None while the pause still runs."""


def paused_since(start: int, pauses: Iterable[Pause]) -> list[Span]:
    """What is left of the pauses from an instant on; an unfinished one lasts to the end of time."""
    return united(
        (max(start, to_micros(begun)), END_OF_TIME if ended is None else to_micros(ended))
        for begun, ended in pauses
    )

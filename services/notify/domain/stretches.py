"""Which stretch of time belongs to which rolling span? Each is counted once, however many it is in.

The spans overlap: the last 24 hours are part of the last 30 days, and so are the 24 before them.
"""

from datetime import datetime
from itertools import pairwise

import msgspec

from services.notify.domain.figures import SPANS


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """From ``since`` to just before ``until``; ``spans`` are the (period, at) it belongs to."""

    since: datetime
    until: datetime
    spans: tuple[tuple[str, str], ...]


def stretches(now: datetime) -> tuple[Stretch, ...]:
    """All that the rolling spans cover, the oldest first, cut wherever one of them begins."""
    spans = {
        (period, at): (now - turns * length, now - (turns - 1) * length)
        for period, length in SPANS.items()
        for turns, at in ((1, "actual"), (2, "previous"))
    }
    borders = sorted({border for span in spans.values() for border in span})
    return tuple(
        Stretch(
            since=since,
            until=until,
            spans=tuple(of for of, (first, end) in spans.items() if first <= since < end),
        )
        for since, until in pairwise(borders)
    )

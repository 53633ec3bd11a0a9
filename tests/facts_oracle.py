"""What should the facts be? Recounted row by row in Python, in the words of metrics.md."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from services.notify.domain.figures import Facts
from stream.database import micros

Stored = Mapping[str, Any]
"""A row of notify_tickets or of notify_clocks."""

HOUR = 3_600_000_000
BOUNDS = {"1h": HOUR, "6h": 6 * HOUR, "24h": 24 * HOUR}
PERIODS = {"24h": 24 * HOUR, "30d": 720 * HOUR}
ANSWERS = ("first_response", "next_response")


def recounted(tickets: Iterable[Stored], clocks: Iterable[Stored], now: datetime) -> Facts:
    """The facts of these rows at that instant."""
    at, held = micros(now), list(clocks)
    opened = [row for row in held if row["state"] == "open"]
    return Facts(
        open_tickets=_counted(_ticket(row, at) for row in tickets if row["state"] != "closed"),
        open_clocks=_counted(_told(row) for row in opened),
        attainment=_attainment(held, at),
        oldest=_oldest(opened, at),
    )


def _counted(labels: Iterable[tuple[str, ...]]) -> dict[tuple[str, ...], float]:
    return {of: float(count) for of, count in Counter(labels).items()}


def _ticket(row: Stored, at: int) -> tuple[str, ...]:
    older = [age for age, bound in BOUNDS.items() if row["opened_at"] > at - bound]
    return row["brand"], row["team"], row["priority"], (older or ["older"])[0]


def _told(row: Stored) -> tuple[str, ...]:
    told = "breached" if row["reached"] >= 1 else "at_risk" if row["reached"] > 0 else "running"
    return row["brand"], row["team"], row["priority"], row["clock"], told


def _attainment(clocks: Iterable[Stored], at: int) -> dict[tuple[str, ...], float]:
    found: dict[tuple[str, ...], float] = {}
    for row in clocks:
        if row["clock"] in ANSWERS and row["state"] != "cancelled":
            for (period, which), (bound, is_within, is_due) in _parts(row, at):
                of = (row["brand"], row["team"], row["clock"], bound, period, which)
                for part, counts in (("within", is_within), ("all", is_due)):
                    found[(*of, part)] = found.get((*of, part), 0.0) + counts
    return found


def _parts(row: Stored, at: int) -> Iterator[tuple[tuple[str, str], tuple[str, bool, bool]]]:
    for period, length in PERIODS.items():
        for which, until in (("actual", at), ("previous", at - length)):
            if until - length <= row["started_at"] < until:
                for outcome in _outcomes(row, at):
                    yield (period, which), outcome


def _outcomes(row: Stored, at: int) -> Iterator[tuple[str, bool, bool]]:
    """Bound, whether it was kept, and whether that is known."""
    waits = row["state"] == "open"
    yield "target", row["state"] == "met", not waits or row["reached"] >= 1
    waited = (at if waits else row["stopped_at"]) - row["posted_at"]
    for bound, length in BOUNDS.items():
        yield bound, not waits and waited <= length, not waits or waited > length


def _oldest(opened: Iterable[Stored], at: int) -> dict[tuple[str, ...], float]:
    found: dict[tuple[str, ...], float] = {}
    for row in opened:
        length = (row["due_at"] or 0) - row["started_at"]
        if row["clock"] in ANSWERS and length > 0:
            of = (row["brand"], row["team"], row["priority"])
            found[of] = max(found.get(of, float("-inf")), (at - row["started_at"]) / length)
    return found

"""Was the same said before? A reply like the hundred before it answers nobody (R69)."""

from collections.abc import Iterable

from schemas.classified import ReplyCheck
from services.classify.domain.fingerprint import distance, fingerprint

NEAR = 12
"""So many bits: another name or number is nearer; of 8,000 pairs of other replies the nearest
differ in 17."""
SHORTEST = 60
"""Shorter thanks may well be alike."""
WINDOW = 100


def comparable(text: str) -> str | None:
    """The fingerprint of a reply that is long enough to be compared."""
    return fingerprint(text) if len(text) >= SHORTEST else None


def not_repeated(print_: str | None, earlier: Iterable[tuple[str | int, str]]) -> ReplyCheck:
    """Whether none of the earlier replies (id, fingerprint) is nearly the same; else the last."""
    near = [name for name, other in earlier if print_ and distance(print_, other) <= NEAR]
    return ReplyCheck(ok=not near, evidence=f"nearly the same as {near[-1]}" if near else None)

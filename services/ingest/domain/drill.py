"""What would customers write in a crisis? The made-up posts of a drill, each marked as one."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import chain, zip_longest
from typing import Annotated

import msgspec

from schemas.event import Contract

MOST = 100
"""How many posts a drill may have: enough for a spike, and no load test."""

Scenarios = Mapping[str, Mapping[str, Sequence[str]]]
"""Texts by scenario and language."""


class DrillWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which crisis is to be played, on which account, by how many customers, and why."""

    brand: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    source: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    account: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    scenario: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    count: Annotated[int, msgspec.Meta(ge=1, le=MOST)] = 1
    reason: Annotated[str, msgspec.Meta(min_length=3, max_length=500)]


class DrilledPost(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One made-up post, as its raw record keeps it."""

    drill: str
    number: int
    text: str
    lang: str
    reason: str


class Begun(Contract, frozen=True, kw_only=True):
    """A drill that has begun; ask route how it went by its id."""

    drill: str
    posts: int


def drill_id(wish: DrillWish, at: datetime) -> str:
    """What a drill is called: its scenario, and the second of its beginning."""
    return f"{wish.scenario}-{at:%Y%m%dT%H%M%S}"


def drilled_posts(wish: DrillWish, name: str, scenarios: Scenarios) -> Sequence[DrilledPost]:
    """As many posts as are wished for, the languages and their texts by turns."""
    said = [[(lang, one) for one in texts] for lang, texts in scenarios[wish.scenario].items()]
    turns = [one for one in chain.from_iterable(zip_longest(*said)) if one]
    return [
        DrilledPost(drill=name, number=n + 1, text=text, lang=lang, reason=wish.reason)
        for n in range(wish.count)
        for lang, text in (turns[n % len(turns)],)
    ]

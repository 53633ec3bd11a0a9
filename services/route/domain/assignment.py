"""Whose case is it? Of those on duty the one who can, has room, and has least of it."""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Protocol

import msgspec

SENIOR = "senior"


class Able(Protocol):
    """What is known of a person."""

    @property
    def languages(self) -> tuple[str, ...]:
        """What they write in; empty for all that their team does."""
        ...

    @property
    def skills(self) -> tuple[str, ...]:
        """What they can do."""
        ...

    @property
    def seniority(self) -> str | None:
        """``senior`` for who may answer what a senior must (R64)."""
        ...

    @property
    def capacity(self) -> int:
        """How many open cases they can have at once."""
        ...


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What a case asks of who answers it (R64, R66)."""

    ticket_id: str
    lang: str
    skills: tuple[str, ...] = ()
    senior: bool = False


def owner_of(
    wish: Wish, on_duty: tuple[str, ...], people: Mapping[str, Able], load: Mapping[str, int]
) -> str | None:
    """The owner, or None where nobody is on duty.

    A case is never left without an owner because nobody fits: who lacks least gets it. Among
    equals the one with the least of their capacity taken, and then by the ticket's id, so that
    the same case at the same load has the same owner on every replica.
    """
    return min(on_duty, key=lambda name: _rank(wish, name, people.get(name), load), default=None)


def _rank(
    wish: Wish, name: str, person: Able | None, load: Mapping[str, int]
) -> tuple[bool, bool, bool, int, float, bytes]:
    taken, capacity = load.get(name, 0), person.capacity if person else 10
    languages = person.languages if person else ()
    skills = person.skills if person else ()
    return (
        bool(languages) and wish.lang not in languages,
        taken >= capacity,
        wish.senior and not (person and person.seniority == SENIOR),
        len(set(wish.skills) - set(skills)),
        taken / capacity,
        blake2b(f"{wish.ticket_id}:{name}".encode(), digest_size=8).digest(),
    )

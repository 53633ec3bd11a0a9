"""Does a fact satisfy a condition? A condition is a set of values of one field, and its words.

What is unknown (null, a word from the future, no instant) satisfies neither a condition nor its
negation: ``addressed: {not: direct}`` must not hold for a post of which nobody knows.
"""

from itertools import compress
from operator import attrgetter
from typing import Any, TypeAlias

import msgspec

from schemas.decisions import Facts
from services.route.domain.calendars import Hold
from services.route.domain.fields import AUTHORS

_authors = attrgetter(*AUTHORS)

Span: TypeAlias = tuple[int, int]
"""Both ends included."""


class _Condition(msgspec.Struct, frozen=True, kw_only=True):
    field: str
    said: str

    def shown(self, facts: Facts) -> Any:
        """The value that the condition is about, for people."""
        return getattr(facts, self.field)


class Values(_Condition, frozen=True, kw_only=True):
    """One of some values; ``negated`` only where the list of all values is open (text)."""

    values: frozenset[Any]
    negated: bool = False

    def accepts(self, facts: Facts) -> bool:
        """Does the field's value satisfy the condition?"""
        return (getattr(facts, self.field) in self.values) != self.negated

    def covers(self, other: "Condition") -> bool:
        """Does everything that satisfies the other satisfy this one?"""
        if not isinstance(other, Values) or other.field != self.field:
            return False
        if self.negated:
            mine, theirs = self.values, other.values
            return mine <= theirs if other.negated else mine.isdisjoint(theirs)
        return not other.negated and other.values <= self.values


class Tags(_Condition, frozen=True, kw_only=True):
    """Any of some tags among those that the post has; negated: none of them."""

    values: frozenset[str]
    negated: bool = False

    def accepts(self, facts: Facts) -> bool:
        """Does the post have one of the tags, or none where that is asked?"""
        return self.values.isdisjoint(tags_of(facts, self.field)) == self.negated

    def shown(self, facts: Facts) -> Any:
        """The post's tags, for people."""
        return ", ".join(tags_of(facts, self.field)) or "none"

    def covers(self, other: "Condition") -> bool:
        """Does everything that satisfies the other satisfy this one?"""
        return (
            isinstance(other, Tags)
            and (other.field, other.negated) == (self.field, self.negated)
            and _covers(self.values, other.values, negated=self.negated)
        )


class Numbers(_Condition, frozen=True, kw_only=True):
    """A number in one of some spans, in order and apart; ``null``: or unknown."""

    spans: tuple[Span, ...]
    null: bool = False

    def accepts(self, facts: Facts) -> bool:
        """Does the number lie in one of the spans?"""
        value = getattr(facts, self.field)
        if value is None:
            return self.null
        return any(low <= value <= high for low, high in self.spans)

    def covers(self, other: "Condition") -> bool:
        """Does everything that satisfies the other satisfy this one?"""
        if not isinstance(other, Numbers) or other.field != self.field:
            return False
        if other.null and not self.null:
            return False
        return all(any(a <= c and d <= b for a, b in self.spans) for c, d in other.spans)


class During(_Condition, frozen=True, kw_only=True):
    """Within the hours of any of some calendars; negated: outside all of them."""

    holds: dict[str, Hold]
    negated: bool = False

    def accepts(self, facts: Facts) -> bool:
        """Was the post said within the hours? Without an instant nobody knows."""
        at = facts.at
        if at is None:
            return False
        return any(hold.is_open(at) for hold in self.holds.values()) != self.negated

    def shown(self, facts: Facts) -> Any:
        """The instant, for people."""
        return facts.at.isoformat() if facts.at else "unknown"

    def covers(self, other: "Condition") -> bool:
        """Does everything that satisfies the other satisfy this one?"""
        return (
            isinstance(other, During)
            and other.negated == self.negated
            and _covers(frozenset(self.holds), frozenset(other.holds), negated=self.negated)
        )


Condition: TypeAlias = Values | Tags | Numbers | During


def tags_of(facts: Facts, field: str) -> tuple[str, ...]:
    """The tags of a post: its flags, or what its author is."""
    if field == "author":
        return tuple(compress(AUTHORS, _authors(facts)))
    found: tuple[str, ...] = getattr(facts, field)
    return found


def _covers(wide: frozenset[str], narrow: frozenset[str], *, negated: bool) -> bool:
    return wide <= narrow if negated else narrow <= wide

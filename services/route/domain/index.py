"""Which rules hold, without walking them? One bit per rule for each value of each field.

The bits of a field say which rules its value does not refuse: AND over the fields leaves the rules
that hold, and the lowest bit is the first of them. Only hours (``during``) are asked one by one, of
the rules that are left.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

import msgspec

from schemas.decisions import Facts
from services.route.domain.conditions import Condition, During, Numbers, Tags, Values, tags_of

Bits: TypeAlias = int
"""A set of rules: bit n is the rule at place n of the file."""

_Placed: TypeAlias = tuple[int, Any]
"""A condition with the place of its rule."""


class _Words(msgspec.Struct, frozen=True):
    """A field with one value: a table; what it does not name leaves ``others``."""

    field: str
    table: dict[Any, Bits]
    others: Bits

    def bits(self, facts: Facts) -> Bits:
        return self.table.get(getattr(facts, self.field), self.others)


class _Tags(msgspec.Struct, frozen=True):
    """A field with several values at once: each brings its rules in, or takes them out."""

    field: str
    asked: dict[str, Bits]
    banned: dict[str, Bits]
    unasking: Bits

    def bits(self, facts: Facts) -> Bits:
        tags = tags_of(facts, self.field)
        left = self.unasking
        for tag in tags:
            left |= self.asked.get(tag, 0)
        for tag in tags:
            left &= ~self.banned.get(tag, 0)
        return left


class _Numbers(msgspec.Struct, frozen=True):
    """A number: between two neighbouring bounds all numbers leave the same rules."""

    field: str
    bounds: tuple[int, ...]
    between: tuple[Bits, ...]
    unknown: Bits

    def bits(self, facts: Facts) -> Bits:
        value = getattr(facts, self.field)
        if value is None:
            return self.unknown
        return self.between[bisect_right(self.bounds, value)]


class Index(msgspec.Struct, frozen=True):
    """All rules of a policy, by the values that they ask for."""

    columns: tuple[_Words | _Tags | _Numbers, ...]
    timed: dict[int, tuple[During, ...]]

    @classmethod
    def of(cls, rules: Sequence[Sequence[Condition]]) -> "Index":
        """The index over the conditions of each rule, in file order."""
        placed = [(n, one) for n, conditions in enumerate(rules) for one in conditions]
        everything = (1 << len(rules)) - 1
        columns = []
        for field in dict.fromkeys(one.field for _, one in placed if not isinstance(one, During)):
            here = [(n, one) for n, one in placed if one.field == field]
            columns.append(_COLUMNS[type(here[0][1])](field, here, everything))
        timed: dict[int, tuple[During, ...]] = {}
        for n, one in placed:
            if isinstance(one, During):
                timed[n] = (*timed.get(n, ()), one)
        return cls(columns=tuple(columns), timed=timed)

    def holding(self, facts: Facts, among: Bits) -> Iterator[int]:
        """The places of the rules that hold, among these, in order."""
        left = among
        for column in self.columns:
            if not left:
                return
            left &= column.bits(facts)
        while left:
            lowest = left & -left
            left ^= lowest
            place = lowest.bit_length() - 1
            if all(one.accepts(facts) for one in self.timed.get(place, ())):
                yield place


def _words(field: str, placed: Sequence[_Placed], everything: Bits) -> _Words:
    named = {value for _, one in placed for value in one.values}
    others = everything & ~sum(1 << n for n, one in placed if not one.negated)
    table = {
        value: everything
        & ~sum(1 << n for n, one in placed if (value in one.values) == one.negated)
        for value in named
    }
    return _Words(field, table, others)


def _tags(field: str, placed: Sequence[_Placed], everything: Bits) -> _Tags:
    asked: dict[str, Bits] = {}
    banned: dict[str, Bits] = {}
    for n, one in placed:
        for tag in one.values:
            table = banned if one.negated else asked
            table[tag] = table.get(tag, 0) | 1 << n
    unasking = everything & ~sum(1 << n for n, one in placed if not one.negated)
    return _Tags(field, asked, banned, unasking)


def _numbers(field: str, placed: Sequence[_Placed], everything: Bits) -> _Numbers:
    spans = [span for _, one in placed for span in one.spans]
    bounds = sorted({bound for low, high in spans for bound in (low, high + 1)})
    asking = sum(1 << n for n, _ in placed)
    between = [everything & ~asking]
    for bound in bounds:
        met = (n for n, one in placed if any(low <= bound <= high for low, high in one.spans))
        between.append(everything & ~asking | sum(1 << n for n in met))
    unknown = everything & ~asking | sum(1 << n for n, one in placed if one.null)
    return _Numbers(field, tuple(bounds), tuple(between), unknown)


_COLUMNS: dict[type, Callable[[str, Sequence[_Placed], Bits], _Words | _Tags | _Numbers]] = {
    Values: _words,
    Tags: _tags,
    Numbers: _numbers,
}

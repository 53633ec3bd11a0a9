"""Whom does nobody want to hear for a while? Silences of people, matched on an alert's labels."""

from collections.abc import Collection, Iterable, Iterator, Mapping

import msgspec

from schemas.event import Contract, Instant
from schemas.states import AlertKind, ClockName, PriorityBand
from schemas.vocabulary import CaseTopic, Visibility, Vocabulary
from schemas.yaml_marks import did_you_mean

LABELS = (
    "brand",
    "team",
    "kind",
    "severity",
    "topic",
    "lang",
    "source",
    "visibility",
    "matter",
    "ticket",
    "clock",
    "level",
)
"""What an alert is grouped, routed and silenced by; ``matter`` is what makes alerts one call."""


def _words(kind: type[Vocabulary]) -> tuple[str, ...]:
    return tuple(word.value for word in kind if word.value != "unknown")


LABEL_WORDS: Mapping[str, tuple[str, ...]] = {
    "kind": _words(AlertKind),
    "severity": _words(PriorityBand),
    "topic": _words(CaseTopic),
    "visibility": _words(Visibility),
    "clock": _words(ClockName),
}
"""The labels with a closed set of values; teams are closed too, by the policy."""


class NoneOf(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Any value of a label but these: ``{"not": "safety"}``."""

    values: str | tuple[str, ...] = msgspec.field(name="not")


Said = str | tuple[str, ...] | NoneOf
"""What a person says of one label: a value, some values, or any but those."""


class LabelMatch(Contract, frozen=True, kw_only=True):
    """One of some values of a label, or none of them; a label that is missing is empty."""

    label: str
    values: frozenset[str]
    negated: bool = False

    def accepts(self, labels: Mapping[str, str]) -> bool:
        """Do these labels satisfy it?"""
        return (labels.get(self.label, "") in self.values) != self.negated


class Silence(Contract, frozen=True, kw_only=True):
    """Alerts with such labels are told to nobody for a while, by somebody's wish."""

    id: int
    matches: tuple[LabelMatch, ...]
    since: Instant
    until: Instant
    by: str
    reason: str


def match_of(label: str, said: Said) -> LabelMatch:
    """What is said of a label, as it is asked of an alert."""
    negated = isinstance(said, NoneOf)
    return LabelMatch(label=label, values=frozenset(values_of(said)), negated=negated)


def values_of(said: Said) -> tuple[str, ...]:
    """The values that are named, in their order."""
    values = said.values if isinstance(said, NoneOf) else said
    return (values,) if isinstance(values, str) else values


def misspelt(
    label: str, values: Iterable[str], known: Mapping[str, Collection[str]]
) -> Iterator[str]:
    """What is no label of an alert, or no value of its closed set."""
    if label not in LABELS:
        yield _unknown(label, LABELS)
    for value in values if label in known else ():
        if value not in known[label]:
            yield _unknown(value, known[label])


def _unknown(word: str, known: Collection[str]) -> str:
    hint = did_you_mean(word, sorted(known))
    return f"expected one of {', '.join(sorted(known))}, got `{word}`{hint}"


def all_accept(matches: Iterable[LabelMatch], labels: Mapping[str, str]) -> bool:
    """Do labels satisfy every one?"""
    return all(one.accepts(labels) for one in matches)

"""What is the company's policy? The compiled form: rules in order, teams, promises, people."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from hashlib import sha256
from typing import Any, Literal

import msgspec

from schemas.decisions import Facts
from schemas.states import ClockFrom, RuleMode
from schemas.tickets import SlaTerms, Targets
from services.route.domain.calendars import Hold
from services.route.domain.conditions import Condition
from services.route.domain.index import Index
from services.route.domain.spec import ThenSpec
from services.route.domain.swaps import Swap
from services.route.domain.teams import Roster, Team
from services.route.domain.ways import Alerting


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """What a person can do, defaults filled in."""

    name: str
    languages: tuple[str, ...]
    skills: tuple[str, ...] = ()
    seniority: Literal["senior"] | None = None
    capacity: int = 10


class Responsibility(msgspec.Struct, frozen=True, kw_only=True):
    """Which team answers about a topic, which one decides, which ones are told (R60)."""

    answers: str
    decides: str
    informs: tuple[str, ...] = ()


class Sla(msgspec.Struct, frozen=True, kw_only=True):
    """A named promise; ``thresholds`` are the shares of it that are announced."""

    name: str
    hold: Hold
    clock_from: ClockFrom
    targets: Targets
    at_risk: float
    thresholds: tuple[float, ...]

    def terms(self, policy_hash: str, at: datetime) -> SlaTerms:
        """The promise as a ticket carries it, so that notify needs no policy."""
        return SlaTerms(
            policy_hash=policy_hash,
            name=self.name,
            clock_from=self.clock_from,
            calendar=self.hold.resolved(at),
            targets=self.targets,
            thresholds=self.thresholds,
        )


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One named rule: its conditions, what it decides, and why it is there.

    ``until`` is the first instant at which it counts as expired.
    """

    id: str
    why: str
    mode: RuleMode
    matchers: tuple[Condition, ...]
    then: ThenSpec
    until: datetime | None = None

    def has_ended(self, facts: Facts) -> bool:
        """Has its day come, by the instant of the post? Where that is unknown it has not."""
        return self.until is not None and facts.at is not None and facts.at >= self.until

    def holds(self, facts: Facts) -> bool:
        """Do these facts satisfy every condition, and is the rule still in force?"""
        satisfied = all(matcher.accepts(facts) for matcher in self.matchers)
        return satisfied and not self.has_ended(facts)

    def refusal(self, facts: Facts) -> str | None:
        """Why the rule does not decide on these facts, in words, or None where it may."""
        for matcher in self.matchers:
            if not matcher.accepts(facts):
                shown = _plain(matcher.shown(facts))
                return f"{matcher.field} is {shown}, the rule wants {matcher.said}"
        if self.mode is RuleMode.expired or self.has_ended(facts):
            since = f" since {self.until:%Y-%m-%d}" if self.until else ""
            return f"it would match, but has expired{since}"
        if self.mode is RuleMode.monitor:
            return "it would match, but only watches (mode: monitor)"
        return None


class Policy(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """A checked policy; ``hash`` is of the text that it was read from."""

    name: str
    hash: str
    rules: tuple[Rule, ...]
    teams: dict[str, Team]
    people: dict[str, Person] = {}
    responsibilities: dict[str, Responsibility] = {}
    plays: dict[str, str] = {}
    templates: dict[str, str] = {}
    sla: dict[str, Sla]
    reopen_within: timedelta
    page_within: timedelta
    hot_minimum: int
    hot_window: timedelta
    excerpt: bool
    live: bool = True
    alerting: Alerting

    @cached_property
    def everybody(self) -> frozenset[str]:
        """Whoever may be on duty in some team."""
        duties = [duty for team in self.teams.values() for duty in team.duty]
        return frozenset(person for duty in duties for person in duty.people)

    def rule(self, name: str) -> Rule | None:
        """The rule of that id."""
        return next((rule for rule in self.rules if rule.id == name), None)

    @property
    def last_resort(self) -> str:
        """The team of the last rule, which catches what nobody else does."""
        return self.rules[-1].then.team or next(iter(self.teams))

    def on_duty(self, at: datetime, swaps: Sequence[Swap] = ()) -> dict[str, tuple[str, ...]]:
        """Who is on duty then, by team; a team without anybody is left out."""
        return self._roster.on_duty(at, swaps)

    def holding(
        self, facts: Facts, mode: RuleMode, *, including: str | None = None
    ) -> Iterator[Rule]:
        """Every rule in that mode whose conditions hold, in order; ``including`` counts one in."""
        among = self._modes[mode]
        if including is not None:
            among |= 1 << next(n for n, rule in enumerate(self.rules) if rule.id == including)
        for number in self._index.holding(facts, among):
            if not self.rules[number].has_ended(facts):
                yield self.rules[number]

    @cached_property
    def _roster(self) -> Roster:
        return Roster(self.teams)

    @cached_property
    def _index(self) -> Index:
        return Index.of([rule.matchers for rule in self.rules])

    @cached_property
    def _modes(self) -> dict[RuleMode, int]:
        return {
            mode: sum(1 << n for n, rule in enumerate(self.rules) if rule.mode is mode)
            for mode in RuleMode
        }


def text_hash(text: str) -> str:
    """The identity of a policy's text: the first 12 hex digits of its SHA-256."""
    return sha256(text.encode()).hexdigest()[:12]


def _plain(value: Any) -> str:
    words = {True: "true", False: "false", None: "null"}
    return words[value] if value is None or isinstance(value, bool) else str(value)

"""What is the company's policy? The compiled form: rules in order, teams, promises, hours."""

from datetime import datetime, timedelta
from hashlib import sha256

import msgspec

from schemas.calendars import Calendar
from schemas.decisions import Facts
from schemas.states import ClockFrom, RuleMode
from schemas.tickets import SlaTerms, Targets
from services.route.domain.matchers import Matcher
from services.route.domain.spec import ThenSpec
from worktime.hours import hours_of
from worktime.public_holidays import public_holidays


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """A calendar of the policy, with the country whose public holidays it keeps."""

    calendar: Calendar
    country: str | None = None

    def resolved(self, at: datetime) -> Calendar:
        """The calendar with the holidays of this year and the next written out as dates."""
        if not self.country:
            return self.calendar
        days = public_holidays(self.country, (at.year, at.year + 1))
        return msgspec.structs.replace(self.calendar, holidays=days)


class Duty(msgspec.Struct, frozen=True, kw_only=True):
    """Who answers during which hours."""

    hold: Hold
    people: tuple[str, ...]
    weekly: bool = False

    def people_at(self, at: datetime) -> tuple[str, ...]:
        """Who is on duty then; weekly rotation takes one person by the ISO week."""
        if not hours_of(self.hold.resolved(at)).is_open(at):
            return ()
        if not self.weekly:
            return self.people
        return (self.people[at.isocalendar().week % len(self.people)],)


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """From which share of a target on somebody higher has to know; ``to`` is a role or a team."""

    share: float
    to: str


class Team(msgspec.Struct, frozen=True, kw_only=True):
    """A team with its duty and the channel that alerts it."""

    name: str
    languages: tuple[str, ...]
    duty: tuple[Duty, ...]
    channel: str
    ladder: tuple[Step, ...] = ()

    def on_duty(self, at: datetime) -> tuple[str, ...]:
        """Everybody on duty at that instant, in the order of the file."""
        return tuple(person for duty in self.duty for person in duty.people_at(at))


class Sla(msgspec.Struct, frozen=True, kw_only=True):
    """A named promise."""

    name: str
    hold: Hold
    clock_from: ClockFrom
    targets: Targets
    at_risk: float

    def terms(self, policy_hash: str, at: datetime) -> SlaTerms:
        """The promise as a ticket carries it, so that notify needs no policy."""
        return SlaTerms(
            policy_hash=policy_hash,
            name=self.name,
            clock_from=self.clock_from,
            calendar=self.hold.resolved(at),
            targets=self.targets,
            thresholds=(self.at_risk, 1.0),
        )


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One named rule: its conditions, what it decides, and why it is there."""

    id: str
    why: str
    mode: RuleMode
    matchers: tuple[Matcher, ...]
    then: ThenSpec

    def holds(self, facts: Facts) -> bool:
        """Do these facts satisfy every condition?"""
        return all(matcher.accepts(facts) for matcher in self.matchers)

    def refusal(self, facts: Facts) -> str | None:
        """The first condition that these facts do not satisfy, in words, or None."""
        for matcher in self.matchers:
            if not matcher.accepts(facts):
                value = getattr(facts, matcher.field)
                return f"{matcher.field} is {value}, the rule wants {matcher.said}"
        return None


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """A checked policy; ``hash`` is of the text that it was read from."""

    name: str
    hash: str
    rules: tuple[Rule, ...]
    teams: dict[str, Team]
    sla: dict[str, Sla]
    reopen_within: timedelta
    page_within: timedelta
    hot_minimum: int
    hot_window: timedelta
    excerpt: bool

    @property
    def last_resort(self) -> str:
        """The team of the last rule, which catches what nobody else does."""
        return self.rules[-1].then.team or next(iter(self.teams))

    def terms(self, sla: str, team: str, at: datetime) -> SlaTerms:
        """What is promised, with a threshold wherever somebody of the team's ladder has to know."""
        terms = self.sla[sla].terms(self.hash, at)
        shares = {*terms.thresholds, *(step.share for step in self.teams[team].ladder)}
        return msgspec.structs.replace(terms, thresholds=tuple(sorted(shares)))

    def on_duty(self, at: datetime) -> dict[str, tuple[str, ...]]:
        """Who is on duty then, by team; a team without anybody is left out."""
        found = {name: team.on_duty(at) for name, team in self.teams.items()}
        return {name: people for name, people in found.items() if people}


def text_hash(text: str) -> str:
    """The identity of a policy's text: the first 12 hex digits of its SHA-256."""
    return sha256(text.encode()).hexdigest()[:12]

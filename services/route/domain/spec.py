"""What may a policy file say? The file's shape, every key typed, an unknown one refused."""

from typing import Any, Literal

import msgspec

from schemas.states import AlertNeed, ClockFrom, PriorityBand
from schemas.vocabulary import Disposition, Suggestion


class _Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class DefaultsSpec(_Strict, frozen=True, kw_only=True):
    """What holds where a rule says nothing."""

    reopen_within: str = "7d"
    page_within: str = "30m"
    excerpt: bool = True


class HotTopicSpec(_Strict, frozen=True, kw_only=True):
    """When many posts about one topic become one alert: so many within so long (R38, R39)."""

    minimum: int = 10
    window: str = "30m"


class CalendarSpec(_Strict, frozen=True, kw_only=True):
    """Working hours as a lead writes them: ``mon-fri: "09:00-13:00, 14:00-18:00"``."""

    timezone: str
    weekly: dict[str, str]
    overrides: dict[str, str] = {}
    holidays: str | None = None


class SlaSpec(_Strict, frozen=True, kw_only=True):
    """Targets in working time of one calendar."""

    calendar: str = "always"
    clock_from: ClockFrom = ClockFrom.posted
    first_response: str | None = None
    next_response: str | None = None
    resolution: str | None = None
    closing: str | None = None
    at_risk: str = "75%"


class DutySpec(_Strict, frozen=True, kw_only=True):
    """Who answers during a calendar's hours; ``rotate: weekly`` takes one person a week."""

    during: str
    people: tuple[str, ...]
    rotate: Literal["weekly"] | None = None


class TeamSpec(_Strict, frozen=True, kw_only=True):
    """A team: its languages, its duty and the channel that alerts it."""

    languages: tuple[str, ...]
    duty: tuple[DutySpec, ...]
    alerts: str


class ThenSpec(_Strict, frozen=True, kw_only=True):
    """What a rule decides."""

    disposition: Disposition
    team: str | None = None
    priority: PriorityBand = PriorityBand.low
    sla: str | None = None
    alert: AlertNeed = AlertNeed.none
    suggestion: Suggestion | None = None
    skills: tuple[str, ...] = ()


class GivesSpec(_Strict, frozen=True, kw_only=True):
    """What a test expects; what it leaves out is not compared."""

    rule: str | None = None
    disposition: Disposition | None = None
    team: str | None = None
    priority: PriorityBand | None = None
    sla: str | None = None
    alert: AlertNeed | None = None


class ExampleSpec(_Strict, frozen=True, kw_only=True):
    """One example: the post for people, the facts for the machine, what it gives."""

    post: str
    facts: dict[str, Any]
    gives: GivesSpec


class RuleSpec(_Strict, frozen=True, kw_only=True):
    """One rule; first match wins, the last one has no ``when``."""

    id: str
    why: str
    when: dict[str, Any] | None = None
    then: ThenSpec
    mode: Literal["active", "monitor"] = "active"
    tests: tuple[ExampleSpec, ...] = ()


class PolicySpec(_Strict, frozen=True, kw_only=True):
    """The whole file."""

    policy: str
    defaults: DefaultsSpec = DefaultsSpec()
    hot_topics: HotTopicSpec = HotTopicSpec()
    calendars: dict[str, CalendarSpec] = {}
    sla: dict[str, SlaSpec]
    teams: dict[str, TeamSpec]
    rules: tuple[RuleSpec, ...]

"""What may a policy file say? The file's shape, every key typed, an unknown one refused."""

from typing import Annotated, Any, Literal

import msgspec

from schemas.states import AlertNeed, ClockFrom, PriorityBand
from schemas.vocabulary import Disposition, Suggestion
from services.route.domain.alert_spec import AlertingSpec, InhibitSpec, WaySpec
from services.route.domain.spec_parts import Duration, Name, Share, Strict


class DefaultsSpec(Strict, frozen=True, kw_only=True):
    """What holds where a rule says nothing."""

    reopen_within: Duration = "7d"
    page_within: Duration = "30m"
    excerpt: bool = True


class HotTopicSpec(Strict, frozen=True, kw_only=True):
    """When many posts about one topic become one alert: so many within so long (R38, R39)."""

    minimum: int = 10
    window: Duration = "30m"


class CalendarSpec(Strict, frozen=True, kw_only=True):
    """Working hours as a lead writes them: ``mon-fri: "09:00-13:00, 14:00-18:00"``.

    ``overrides`` replace a whole date, empty text closes it. ``holidays``: countries, parts of
    countries (``DE-BY``), own dates, and iCalendar files beside the policy (``holidays.ics``).
    """

    timezone: str
    weekly: dict[str, str]
    overrides: dict[str, str] = {}
    holidays: str | tuple[str, ...] = ()


class SlaSpec(Strict, frozen=True, kw_only=True):
    """Targets in working time of one calendar; a clock without a target does not run."""

    calendar: str = "always"
    clock_from: ClockFrom = ClockFrom.posted
    first_response: Duration | None = None
    next_response: Duration | None = None
    resolution: Duration | None = None
    silence: Duration | None = None
    promise: Duration | None = None
    ack: Duration | None = None
    private: Duration | None = None
    closing: Duration | None = None
    at_risk: Share = "75%"


class DutySpec(Strict, frozen=True, kw_only=True):
    """Who answers during a calendar's hours; ``rotate: weekly`` takes one person a week.

    ``during: otherwise`` is whenever nobody of the team's other duties is there: lunch, nights,
    holidays, without a second calendar that has to be kept in step with the first.
    """

    during: str
    people: tuple[Name, ...]
    rotate: Literal["weekly"] | None = None


class TeamSpec(Strict, frozen=True, kw_only=True):
    """A team: its languages and skills, its duty, the channel that alerts it.

    ``title`` is how alerts call it, in its first language.

    ``ladder`` says who is told when so much of a promised time has passed; ``unacknowledged`` who
    is called next, so long after an alert that nobody has acknowledged: ``{5m: lead}``.
    """

    languages: tuple[Name, ...]
    title: str | None = None
    skills: tuple[Name, ...] = ()
    duty: tuple[DutySpec, ...]
    alerts: Name
    ladder: dict[Share, Name] = {}
    unacknowledged: dict[Duration, Name] = {}


class PersonSpec(Strict, frozen=True, kw_only=True):
    """What a person can do; without ``languages`` those of the person's teams."""

    languages: tuple[Name, ...] = ()
    skills: tuple[Name, ...] = ()
    seniority: Literal["senior"] | None = None
    capacity: Annotated[int, msgspec.Meta(ge=1)] = 10


class ResponsibilitySpec(Strict, frozen=True, kw_only=True):
    """Which team answers about a topic, which one decides, which ones are told (R60)."""

    answers: str
    decides: str
    informs: tuple[str, ...] = ()


class ThenSpec(Strict, frozen=True, kw_only=True):
    """What a rule decides; ``priority`` is the least that the case gets."""

    disposition: Disposition
    team: str | None = None
    seniority: Literal["senior"] | None = None
    skills: tuple[str, ...] = ()
    priority: PriorityBand = PriorityBand.low
    sla: str | None = None
    play: str | None = None
    template: str | None = None
    alert: AlertNeed = AlertNeed.none
    suggestion: Suggestion | None = None


class GivesSpec(Strict, frozen=True, kw_only=True):
    """What a test expects; what it leaves out is not compared."""

    rule: str | None = None
    disposition: Disposition | None = None
    team: str | None = None
    seniority: Literal["senior"] | None = None
    skills: tuple[str, ...] | None = None
    priority: PriorityBand | None = None
    sla: str | None = None
    play: str | None = None
    template: str | None = None
    alert: AlertNeed | None = None
    suggestion: Suggestion | None = None


class ExampleSpec(Strict, frozen=True, kw_only=True):
    """One example: the post for people, the facts for the machine, what it gives."""

    post: str
    facts: dict[str, Any]
    gives: GivesSpec


class RuleSpec(Strict, frozen=True, kw_only=True):
    """One rule; first match wins, the last one has no ``when``.

    ``monitor`` decides nothing and counts what it would have done; from the day ``until`` on, in
    UTC, the rule counts as expired.
    """

    id: Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9][A-Za-z0-9_-]*$")]
    why: Name
    when: dict[str, Any] | None = None
    then: ThenSpec
    mode: Literal["active", "monitor", "expired"] = "active"
    until: str | None = None
    tests: tuple[ExampleSpec, ...] = ()


class PolicySpec(Strict, frozen=True, kw_only=True):
    """The whole file.

    ``live: false`` is a rehearsal: all is decided, alerts go to ``alerting.test_channel``, marked.
    Where ``channels`` is given, teams alert no other; ``plays`` and ``templates`` are the names
    that rules may use, each with what it is for. ``holiday_files`` is written behind the file when
    it is read: the days of each holiday file that a calendar names.
    """

    policy: Name
    live: bool = True
    defaults: DefaultsSpec = DefaultsSpec()
    hot_topics: HotTopicSpec = HotTopicSpec()
    calendars: dict[str, CalendarSpec] = {}
    sla: dict[str, SlaSpec]
    channels: tuple[str, ...] = ()
    alerting: AlertingSpec = AlertingSpec()
    plays: dict[str, str] = {}
    templates: dict[str, str] = {}
    people: dict[str, PersonSpec] = {}
    teams: dict[str, TeamSpec]
    responsibilities: dict[str, ResponsibilitySpec] = {}
    rules: tuple[RuleSpec, ...]
    holiday_files: dict[str, dict[str, str]] = {}


SHAPES = (
    PolicySpec,
    RuleSpec,
    ThenSpec,
    ExampleSpec,
    GivesSpec,
    TeamSpec,
    DutySpec,
    PersonSpec,
    ResponsibilitySpec,
    SlaSpec,
    CalendarSpec,
    DefaultsSpec,
    HotTopicSpec,
    AlertingSpec,
    WaySpec,
    InhibitSpec,
)
"""Every part of the file, for whoever suggests a key."""

"""Is this policy fit to decide? Reads the file, compiles it, and says all that is wrong with it."""

import re
from datetime import timedelta

import msgspec

from schemas.calendars import Calendar
from schemas.states import RuleMode
from schemas.tickets import Targets
from schemas.vocabulary import Addressed, Disposition
from schemas.yaml_marks import BadFile, Document, Problem, read_yaml
from services.route.domain.examples import failed_examples
from services.route.domain.matchers import BadCondition, read_matcher
from services.route.domain.policy import Duty, Hold, Policy, Rule, Sla, Team, text_hash
from services.route.domain.spec import (
    CalendarSpec,
    DefaultsSpec,
    DutySpec,
    ExampleSpec,
    GivesSpec,
    HotTopicSpec,
    PolicySpec,
    RuleSpec,
    SlaSpec,
    TeamSpec,
    ThenSpec,
)
from services.route.domain.words import unknown_words
from worktime.always import ALWAYS
from worktime.problems import problems as calendar_problems

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SHAPES = (
    PolicySpec,
    RuleSpec,
    ThenSpec,
    ExampleSpec,
    GivesSpec,
    TeamSpec,
    DutySpec,
    SlaSpec,
    CalendarSpec,
    DefaultsSpec,
    HotTopicSpec,
)
_FIELDS = sorted({field.name for kind in _SHAPES for field in msgspec.structs.fields(kind)})
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def read_policy(text: str) -> Policy:
    """The compiled policy; raises ``BadFile`` with every problem, tests of the rules included."""
    document = read_yaml(text)
    try:
        spec = msgspec.convert(document.value, PolicySpec)
    except msgspec.ValidationError as error:
        raise BadFile((document.misshapen(error, fields=_FIELDS),)) from error
    strange = tuple(unknown_words(document, spec))
    if strange:
        raise BadFile(strange)
    compiling = _Compiling(document, spec)
    policy = compiling.policy(text)
    if not compiling.problems:
        compiling.problems.extend(failed_examples(document, spec, policy))
    if compiling.problems:
        raise BadFile(tuple(compiling.problems))
    return policy


def seconds(text: str) -> int:
    """Seconds of a duration such as ``15m`` or ``7d``; raises ``BadCondition``."""
    found = re.fullmatch(r"([1-9][0-9]*)([smhd])", text)
    if not found:
        raise BadCondition(f"expected a duration like 15m, 2h or 7d, got `{text}`")
    return int(found[1]) * _UNITS[found[2]]


class _Compiling:
    """One pass over a file that has the right shape; collects what is wrong with its meaning."""

    def __init__(self, document: Document, spec: PolicySpec) -> None:
        self._document, self._spec = document, spec
        self.problems: list[Problem] = []

    def policy(self, text: str) -> Policy:
        """The compiled policy; only to be used where ``problems`` stays empty."""
        spec = self._spec
        self._holds = {"always": Hold(calendar=ALWAYS)} | {
            name: self._hold(f"$.calendars.{name}", one) for name, one in spec.calendars.items()
        }
        rules = tuple(self._rule(n, rule) for n, rule in enumerate(spec.rules))
        self._order()
        return Policy(
            name=spec.policy,
            hash=text_hash(text),
            rules=rules,
            teams={name: self._team(name, team) for name, team in spec.teams.items()},
            sla={name: self._sla(name, sla) for name, sla in spec.sla.items()},
            reopen_within=self._span("$.defaults.reopen_within", spec.defaults.reopen_within),
            page_within=self._span("$.defaults.page_within", spec.defaults.page_within),
            hot_minimum=spec.hot_topics.minimum,
            hot_window=self._span("$.hot_topics.window", spec.hot_topics.window),
            excerpt=spec.defaults.excerpt,
        )

    def _wrong(self, path: str, why: str) -> None:
        self.problems.append(self._document.problem(path, why))

    def _known(self, path: str, name: str | None, known: list[str]) -> bool:
        if name is None or name in known:
            return True
        self._wrong(path, f"expected one of {', '.join(known)}, got `{name}`")
        return False

    def _span(self, path: str, text: str | None) -> timedelta:
        try:
            return timedelta(seconds=seconds(text or "0s"))
        except BadCondition as error:
            self._wrong(path, str(error))
            return timedelta()

    def _hold(self, path: str, spec: CalendarSpec) -> Hold:
        calendar = Calendar(
            timezone=spec.timezone,
            weekly={
                day: _intervals(hours)
                for days, hours in spec.weekly.items()
                for day in self._days(path, days)
            },
            overrides={day: _intervals(hours) for day, hours in spec.overrides.items()},
        )
        for why in calendar_problems(calendar):
            self._wrong(path, why)
        return Hold(calendar=calendar, country=spec.holidays)

    def _days(self, path: str, text: str) -> tuple[str, ...]:
        first, _, last = text.partition("-")
        if first not in _DAYS or (last and last not in _DAYS):
            self._wrong(f"{path}.weekly.{text}", f"expected days like mon-fri, got `{text}`")
            return ()
        start, end = _DAYS.index(first), _DAYS.index(last or first)
        return _DAYS[start : end + 1] if start <= end else _DAYS[start:] + _DAYS[: end + 1]

    def _team(self, name: str, spec: TeamSpec) -> Team:
        path = f"$.teams.{name}"
        duty = tuple(
            Duty(hold=self._holds[d.during], people=d.people, weekly=d.rotate == "weekly")
            for n, d in enumerate(spec.duty)
            if self._known(f"{path}.duty[{n}].during", d.during, list(self._holds))
        )
        return Team(name=name, languages=spec.languages, duty=duty, channel=spec.alerts)

    def _sla(self, name: str, spec: SlaSpec) -> Sla:
        path = f"$.sla.{name}"
        self._known(f"{path}.calendar", spec.calendar, list(self._holds))
        targets = {
            clock: int(self._span(f"{path}.{clock}", text).total_seconds())
            for clock in ("first_response", "next_response", "resolution", "closing")
            if (text := getattr(spec, clock)) is not None
        }
        share = re.fullmatch(r"([1-9][0-9]?)%", spec.at_risk)
        if not share:
            self._wrong(f"{path}.at_risk", f"expected a share like 75%, got `{spec.at_risk}`")
        return Sla(
            name=name,
            hold=self._holds.get(spec.calendar, Hold(calendar=ALWAYS)),
            clock_from=spec.clock_from,
            targets=Targets(**targets),
            at_risk=int(share[1]) / 100 if share else 0.75,
        )

    def _rule(self, n: int, spec: RuleSpec) -> Rule:
        path, matchers = f"$.rules[{n}]", []
        for field, value in (spec.when or {}).items():
            try:
                matchers.append(read_matcher(field, value))
            except BadCondition as error:
                self._wrong(f"{path}.when.{field}", str(error))
        then = spec.then
        self._known(f"{path}.then.team", then.team, list(self._spec.teams))
        self._known(f"{path}.then.sla", then.sla, list(self._spec.sla))
        self._meaning(path, spec)
        return Rule(
            id=spec.id,
            why=spec.why,
            mode=RuleMode(spec.mode),
            matchers=tuple(matchers),
            then=then,
        )

    def _meaning(self, path: str, spec: RuleSpec) -> None:
        """What no rule may do: silence a direct request, or open a case that nobody owns."""
        then, when = spec.then, spec.when or {}
        silent = then.disposition in {
            Disposition.no_reply_insult,
            Disposition.no_reply_unresolvable,
            Disposition.listen,
            Disposition.ignore_spam,
            Disposition.none,
        }
        if then.disposition is Disposition.no_reply_unresolvable:
            why = "a person decides that: use human_review with `suggestion: no_reply_unresolvable`"
            self._wrong(f"{path}.then.disposition", why)
        elif silent and not _sheltered(when, then.disposition):
            why = (
                f"`{then.disposition}` could silence a direct request (R5): add `addressed: "
                "[mention, none]`, or for an insult `rude: true` and `fair_claim: false`"
            )
            self._wrong(f"{path}.then.disposition", why)
        if not silent and not (then.team and then.sla):
            self._wrong(f"{path}.then", "expected `team` and `sla`: every case has one owner")

    def _order(self) -> None:
        rules = self._spec.rules
        seen: set[str] = set()
        for n, rule in enumerate(rules):
            if rule.id in seen:
                self._wrong(f"$.rules[{n}].id", f"expected each id once, `{rule.id}` stands again")
            seen.add(rule.id)
            if not rule.when and rule.mode == "active" and n < len(rules) - 1:
                self._wrong(f"$.rules[{n + 1}]", f"unreachable: `{rule.id}` matches everything")
        if not rules or rules[-1].when or rules[-1].mode != "active":
            self._wrong("$.rules", "expected a last rule without `when`: nothing stays unrouted")


def _sheltered(when: dict[str, object], disposition: Disposition) -> bool:
    said = when.get("addressed")
    indirect = {Addressed.mention.value, Addressed.none.value}
    if said is not None and set(said if isinstance(said, list) else [said]) <= indirect:
        return True
    if disposition is Disposition.no_reply_insult:
        return when.get("rude") is True and when.get("fair_claim") is False
    if disposition is Disposition.ignore_spam:
        return when.get("intent") == "spam" or when.get("flags") == "spam"
    return disposition is Disposition.none and when.get("own") is True


def _intervals(text: str) -> tuple[tuple[str, str], ...]:
    parts = [part.strip().partition("-") for part in text.split(",") if part.strip()]
    return tuple((start.strip(), end.strip()) for start, _, end in parts)

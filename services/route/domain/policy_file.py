"""Is this policy fit to decide? Reads the file, compiles it, and says all that is wrong with it."""

from datetime import UTC, datetime, time
from typing import Any

import msgspec

from schemas.states import RuleMode
from schemas.yaml_marks import BadFile, Document, Problem, read_yaml
from services.route.domain.alert_file import read_alerting
from services.route.domain.calendars import Hold, read_holds
from services.route.domain.conditions import Condition
from services.route.domain.examples import failed_examples
from services.route.domain.findings import Findings
from services.route.domain.matchers import BadCondition, read_matcher
from services.route.domain.order import check_order
from services.route.domain.policy import Policy, Rule, text_hash
from services.route.domain.promises import read_sla, read_span
from services.route.domain.silence import SILENT, check_silence
from services.route.domain.spec import SHAPES, PolicySpec, RuleSpec
from services.route.domain.staffing import (
    check_staff,
    read_people,
    read_responsibilities,
    read_teams,
)
from services.route.domain.words import unknown_words
from worktime.walls import read_date

_FIELDS = sorted({field.name for kind in SHAPES for field in msgspec.structs.fields(kind)})


def read_policy(text: str) -> Policy:
    """The compiled policy; raises ``BadFile`` with every problem, tests of the rules included."""
    policy, failed = tried(text)
    if failed:
        raise BadFile(failed)
    return policy


def tried(text: str) -> tuple[Policy, tuple[Problem, ...]]:
    """The compiled policy and which of its own tests fail; ``BadFile`` for anything else.

    Such a policy decides nothing, but it can be asked why its rules do not do what they should.
    """
    document = read_yaml(text)
    spec, policy = checked(document, text_hash(text))
    failed = failed_examples(document, spec, policy)
    return policy, tuple(sorted(failed, key=lambda one: (one.line, one.column)))


def tests_run(text: str) -> int:
    """How many tests a policy's rules have; 0 where it is refused before any of them is run."""
    try:
        spec, _ = checked(read_yaml(text), text_hash(text))
    except BadFile:
        return 0
    return sum(len(rule.tests) for rule in spec.rules)


def checked(document: Document, hash_: str) -> tuple[PolicySpec, Policy]:
    """The policy whose own tests have not been run yet; raises ``BadFile``."""
    spec = _shaped(document)
    findings = Findings(document)
    findings.problems.extend(unknown_words(document, spec))
    findings.refuse()
    policy = _compiled(spec, hash_, findings)
    check_order(policy, findings)
    check_silence(policy, findings)
    check_staff(policy, findings)
    findings.refuse()
    return spec, policy


def _shaped(document: Document) -> PolicySpec:
    try:
        return msgspec.convert(document.value, PolicySpec)
    except msgspec.ValidationError as error:
        raise BadFile((document.misshapen(error, fields=_FIELDS),)) from error


def _compiled(spec: PolicySpec, hash_: str, findings: Findings) -> Policy:
    holds = read_holds(spec.calendars, findings, spec.holiday_files)
    teams = read_teams(spec, holds, findings)
    return Policy(
        name=spec.policy,
        hash=hash_,
        rules=tuple(_rule(n, spec, holds, findings) for n in range(len(spec.rules))),
        teams=teams,
        people=read_people(spec, findings),
        responsibilities=read_responsibilities(spec, findings),
        plays=spec.plays,
        templates=spec.templates,
        sla=read_sla(spec, holds, teams, findings),
        reopen_within=read_span("$.defaults.reopen_within", spec.defaults.reopen_within, findings),
        page_within=read_span("$.defaults.page_within", spec.defaults.page_within, findings),
        hot_minimum=spec.hot_topics.minimum,
        hot_window=read_span("$.hot_topics.window", spec.hot_topics.window, findings),
        excerpt=spec.defaults.excerpt,
        live=spec.live,
        alerting=read_alerting(spec, holds, findings),
    )


def _rule(n: int, policy: PolicySpec, holds: dict[str, Hold], findings: Findings) -> Rule:
    path, spec = f"$.rules[{n}]", policy.rules[n]
    then = spec.then
    findings.known(f"{path}.then.team", then.team, policy.teams)
    findings.known(f"{path}.then.sla", then.sla, policy.sla)
    findings.known(f"{path}.then.play", then.play, policy.plays)
    findings.known(f"{path}.then.template", then.template, policy.templates)
    if then.disposition not in SILENT and not (then.team and then.sla):
        why = "expected `team` and `sla`: every case has one owner"
        findings.wrong(f"{path}.then", why)
    return Rule(
        id=spec.id,
        why=spec.why,
        mode=RuleMode(spec.mode),
        matchers=_conditions(f"{path}.when", spec.when or {}, holds, findings),
        then=then,
        until=_until(f"{path}.until", spec, findings),
    )


def _conditions(
    path: str, when: dict[str, Any], holds: dict[str, Hold], findings: Findings
) -> tuple[Condition, ...]:
    found = []
    for field, value in when.items():
        try:
            found.append(read_matcher(field, value, holds))
        except BadCondition as error:
            findings.wrong(f"{path}.{field}", str(error))
    return tuple(found)


def _until(path: str, spec: RuleSpec, findings: Findings) -> datetime | None:
    """Midnight in UTC of the day from which on the rule counts as expired."""
    if spec.until is None:
        return None
    try:
        return datetime.combine(read_date(spec.until), time(), UTC)
    except ValueError:
        findings.wrong(path, f"expected a day like 2026-12-31, got `{spec.until}`")
        return None

"""What would another policy have decided? Recomputed from each decision's ``inputs`` alone (N1).

Every post is asked by itself: a case that an earlier post would not have opened counts as open.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import msgspec

from schemas.classified import Part
from schemas.decisions import Decision, Facts
from schemas.states import AlertNeed, CaseState, PriorityBand
from schemas.vocabulary import Disposition, Suggestion
from services.route.domain.decide import CASES, Verdict, decide
from services.route.domain.policy import Policy
from worktime.hours import hours_of

CLOCKS = ("first_response", "resolution")
_TOLD_LATE = "first seen too late to page anybody"
_CONTEXT, _FLOOR = "context", "rule"


class Monitored(msgspec.Struct, frozen=True, kw_only=True):
    """A monitor rule whose conditions hold; ``would`` is what it decided, were it active.

    None where an earlier rule decides all the same, or where a recording does not tell.
    """

    rule: str
    would: Disposition | None = None


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a policy makes of one post; owner and deadlines only where the post opens a case."""

    rule: str
    disposition: Disposition
    team: str | None
    owner: str | None = None
    priority: int
    priority_band: PriorityBand
    alert: AlertNeed
    sla: str | None
    suggestion: Suggestion | None
    due: dict[str, datetime | None] = {}
    opens: bool
    monitored: tuple[Monitored, ...] = ()


Judge = Callable[[Decision], Outcome]
FIELDS = tuple(
    name for name in Outcome.__struct_fields__ if name not in {"due", "opens", "monitored"}
)
"""The fields that are compared one by one."""


def recorded(decision: Decision) -> Outcome:
    """What was decided then; a decision does not say who got the case, or by when."""
    return Outcome(
        rule=decision.rule_id,
        disposition=decision.disposition,
        team=decision.team,
        priority=decision.priority,
        priority_band=decision.priority_band,
        alert=decision.alert,
        sla=decision.sla,
        suggestion=decision.suggestion,
        opens=_opens(decision.inputs, decision.disposition),
        monitored=tuple(Monitored(rule=rule) for rule in decision.monitored),
    )


def decided_by(policy: Policy) -> Judge:
    """What this policy decides on a recorded post, who gets the case and by when."""

    def judge(decision: Decision) -> Outcome:
        facts = _facts(decision, policy)
        verdict = decide(facts, post_parts(decision.parts), policy, hush=_hush(decision))
        return _outcome(facts, verdict, policy)

    return judge


def undated(judge: Judge) -> Judge:
    """The same without owner and deadlines, to be compared with what was recorded."""

    def bare(decision: Decision) -> Outcome:
        return msgspec.structs.replace(judge(decision), owner=None, due={})

    return bare


def difference(old: Outcome, new: Outcome) -> dict[str, object]:
    """By field, what it was and what it is; only what changes."""
    changed: dict[str, object] = {
        name: [before, after]
        for name in FIELDS
        if (before := getattr(old, name)) != (after := getattr(new, name))
    }
    due = {
        clock: [before, after]
        for clock in CLOCKS
        if (before := old.due.get(clock)) != (after := new.due.get(clock))
    }
    return changed | ({"due": due} if due else {})


def post_parts(parts: Sequence[Part]) -> tuple[Part, ...]:
    """The parts that came with the post: route's own stand behind them, context, clamp, floor.

    A clamp may be classify's too: it is route's only behind a part of the context, because the
    parts of a post never exceed 100.
    """
    context = (n for n, part in enumerate(parts) if part.name.startswith(_CONTEXT))
    own = parts[: next(context, len(parts))]
    return tuple(part for part in own if part.name != _FLOOR)


def _facts(decision: Decision, policy: Policy) -> Facts:
    """The facts as this policy would have had them: duty and heat depend on it."""
    facts = decision.inputs
    if decision.policy.hash == policy.hash:
        return facts
    hot = facts.topic_count >= policy.hot_minimum
    people = policy.on_duty(facts.at) if facts.at else facts.on_duty
    return msgspec.structs.replace(facts, hot=hot, on_duty=people)


def _hush(decision: Decision) -> str | None:
    """Why nobody could be paged, as far as it was noted: beside the reason of a rule that pages."""
    if len(decision.reasons) > 1:
        return decision.reasons[1]
    return _TOLD_LATE if decision.inputs.backfill else None


def _outcome(facts: Facts, verdict: Verdict, policy: Policy) -> Outcome:
    then, opens = verdict.rule.then, _opens(facts, verdict.disposition)
    return Outcome(
        rule=verdict.rule.id,
        disposition=verdict.disposition,
        team=then.team,
        owner=_owner(facts.on_duty.get(then.team or "", ())) if opens else None,
        priority=verdict.priority,
        priority_band=verdict.band,
        alert=verdict.alert,
        sla=then.sla,
        suggestion=then.suggestion,
        due=_due(facts.at, then.sla, policy) if opens else {},
        opens=opens,
        monitored=_monitored(verdict, policy),
    )


def _opens(facts: Facts, disposition: Disposition) -> bool:
    return disposition in CASES and not facts.own and facts.case_state is CaseState.none


def _owner(people: Sequence[str]) -> str | None:
    """Whoever could get the case; whom of them depends on their other cases, which inputs lack."""
    return " or ".join(sorted(set(people))) or None


def _due(at: datetime | None, sla: str | None, policy: Policy) -> dict[str, datetime | None]:
    if at is None or sla is None:
        return {}
    terms = policy.sla[sla].terms(policy.hash, at)
    hours = hours_of(terms.calendar)
    targets = {clock: getattr(terms.targets, clock) for clock in CLOCKS}
    return {
        clock: hours.due(at, timedelta(seconds=target))
        for clock, target in targets.items()
        if target is not None
    }


def _monitored(verdict: Verdict, policy: Policy) -> tuple[Monitored, ...]:
    order = [rule.id for rule in policy.rules]
    deciding = order.index(verdict.rule.id)
    dispositions = {rule.id: rule.then.disposition for rule in policy.rules}
    return tuple(
        Monitored(rule=rule, would=dispositions[rule] if order.index(rule) < deciding else None)
        for rule in verdict.monitored
    )

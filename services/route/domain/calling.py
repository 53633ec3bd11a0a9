"""Who is called, about what, and in which words? The intents that a post or a late clock leaves."""

from datetime import datetime, timedelta

import msgspec

from schemas.decisions import Facts
from schemas.event import Instant, derive_id
from schemas.states import ANSWERS, WORDS, AlertKind, ClockFrom, MomentKind, PriorityBand
from schemas.tickets import Escalation, Ticket
from schemas.vocabulary import CaseTopic, Visibility
from services.route.domain.decide import band_of
from services.route.domain.intents import AlertIntent
from services.route.domain.message import About
from services.route.domain.moments import last_of
from services.route.domain.needs import COUNT, Needs, language_of
from services.route.domain.policy import Policy
from services.route.domain.teams import Team
from worktime.hours import hours_of

_OF_ONE_CASE = frozenset({AlertKind.case, AlertKind.sla})
"""What ends when its case needs nobody any more; of any other kind a quiet window is the end."""


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """What made the call due: an event, its brand and partition, and when it counts from."""

    event_id: str
    brand: str
    at: Instant
    partition: int
    link: str | None = None
    traces: tuple[str, ...] = ()


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be told: why, how urgent, to whom, and of what topic.

    ``matter`` is what makes several of them one call. ``case`` is the one that it is about: then
    its place, deadline and owner are told as well, and it ends with the case.
    """

    kind: AlertKind
    base: str
    matter: str
    severity: PriorityBand
    team: str
    lang: str = ""
    clock: str = ""
    level: int = 0
    topic: CaseTopic = CaseTopic.other
    ticket_id: str = ""
    count: int = 1
    share: int = 0
    to: str = ""
    case: Ticket | None = None
    visibility: Visibility = Visibility.public
    repeat: bool = False


def about_case(ticket: Ticket, facts: Facts, severity: PriorityBand) -> Call:
    """One case that cannot wait, and until when its answer is promised."""
    return Call(
        kind=AlertKind.case,
        base=f"{ticket.brand}:case:{ticket.id}",
        matter=ticket.id,
        severity=severity,
        team=ticket.team,
        lang=ticket.lang,
        topic=facts.topic,
        ticket_id=ticket.id,
        case=ticket,
        visibility=facts.visibility,
        repeat=facts.repeat_contact or facts.earlier_contacts > 0,
    )


def about_handed_over(ticket: Ticket) -> Call:
    """A case that cannot wait, for the team that it has just been handed over to."""
    return Call(
        kind=AlertKind.case,
        base=f"{ticket.brand}:case:{ticket.id}:{ticket.team}",
        matter=ticket.id,
        severity=ticket.priority_band,
        team=ticket.team,
        lang=ticket.lang,
        topic=ticket.topic,
        ticket_id=ticket.id,
        case=ticket,
    )


def answer_due(ticket: Ticket) -> datetime | None:
    """When the words that wait are to be answered; None where nobody waits or nothing is promised.

    It is notify that says whether a promise was kept: a hold or other words move this instant.
    """
    answered = last_of(ticket.moments, ANSWERS)
    waiting = [
        moment.received_at if ticket.terms.clock_from is ClockFrom.received else moment.at
        for moment in ticket.moments
        if moment.kind is MomentKind.customer_wrote and not (answered and moment.at <= answered)
    ]
    spoken = any(moment.kind in WORDS for moment in ticket.moments)
    targets = ticket.terms.targets
    seconds = targets.next_response if spoken else targets.first_response
    if not waiting or seconds is None:
        return None
    return hours_of(ticket.terms.calendar).due(min(waiting), timedelta(seconds=seconds))


def about_many(kind: AlertKind, ticket: Ticket, matter: str, count: int) -> Call:
    """Many customers with the same: a hot topic, or a spike. ``matter`` folds them."""
    return Call(
        kind=kind,
        base=f"{ticket.brand}:{kind}:{matter}",
        matter=matter,
        severity=ticket.priority_band,
        team=ticket.team,
        lang=ticket.lang,
        topic=ticket.topic,
        ticket_id=ticket.id,
        count=count,
    )


def about_lateness(ticket: Ticket, policy: Policy) -> Call:
    """A promise that is late: the last step of the ladder that the case was lifted to.

    Late promises of one topic are one call, as the outage behind them is (R39). What is critical
    by its own words or by its rule, and not only because many wrote, is a call of its own.
    """
    last = ticket.escalations[-1]
    rule = policy.rule(ticket.rule_id)
    asked = rule is not None and rule.then.priority is PriorityBand.critical
    critical = asked or band_of(ticket.urgency) is PriorityBand.critical
    matter = ticket.id if critical else ticket.topic.value
    return Call(
        kind=AlertKind.sla,
        base=lateness_of(ticket, last),
        matter=f"{matter}:{last.clock}:{last.level}",
        severity=ticket.priority_band,
        team=ticket.team,
        lang=ticket.lang,
        clock=last.clock.value,
        level=last.level,
        topic=ticket.topic,
        ticket_id=ticket.id,
        share=round(100 * last.threshold),
        to=last.to,
        case=ticket,
    )


def lateness_of(ticket: Ticket, escalation: Escalation) -> str:
    """The alert of one late promise of one case."""
    return f"{ticket.brand}:sla:{ticket.id}:{escalation.clock}:{escalation.level}"


def about_nobody(ticket: Ticket) -> Call:
    """A case that nobody on duty could be given."""
    return Call(
        kind=AlertKind.nobody_on_duty,
        base=f"{ticket.brand}:nobody:{ticket.team}",
        matter="",
        severity=ticket.priority_band,
        team=ticket.team,
        lang=ticket.lang,
        topic=ticket.topic,
        ticket_id=ticket.id,
    )


def about_removal(brand: str, post_id: str, team: str, ticket: Ticket | None) -> Call:
    """Something was taken from our own page by ourselves, which the policy forbids (R24)."""
    return Call(
        kind=AlertKind.removed,
        base=f"{brand}:removed:{post_id}",
        matter=post_id,
        severity=PriorityBand.high,
        team=team,
        ticket_id=ticket.id if ticket else "",
    )


def intent(
    call: Call, cause: Cause, policy: Policy, needs: dict[str, Needs], *, late: bool = False
) -> AlertIntent:
    """The intent as it is kept: its words in the team's language, or in the one that is called."""
    team = policy.teams[call.team]
    lang = language_of(team.languages, needs)
    higher = policy.teams.get(call.to)
    return AlertIntent(
        id=derive_id(cause.event_id, "AlertIntent", call.base),
        base=call.base,
        kind=call.kind,
        severity=call.severity,
        brand=cause.brand,
        team=call.team,
        ticket_id=call.ticket_id,
        count=call.count,
        need=_words(call, needs[lang]),
        link=cause.link,
        at=cause.at,
        partition=cause.partition,
        about=_about(call, team, lang),
        labels=_labels(call, cause),
        one_case=call.kind in _OF_ONE_CASE,
        fades_after=None if call.kind in _OF_ONE_CASE else policy.hot_window,
        late=late,
        called=higher.name if higher else "",
        traces=cause.traces,
    )


def _labels(call: Call, cause: Cause) -> dict[str, str]:
    """What the alert is grouped, routed and silenced by; empty ones are left out."""
    said = {
        "brand": cause.brand,
        "team": call.team,
        "kind": call.kind.value,
        "severity": call.severity.value,
        "topic": call.topic.value,
        "lang": call.lang,
        "source": call.case.source if call.case else "",
        "visibility": call.visibility.value,
        "matter": call.matter,
        "ticket": call.ticket_id if call.kind in _OF_ONE_CASE else "",
        "clock": call.clock,
        "level": str(call.level) if call.level else "",
    }
    return {label: value for label, value in said.items() if value}


def _about(call: Call, team: Team, lang: str) -> About:
    told = About(lang=lang, team=team.title, visibility=call.visibility, repeat=call.repeat)
    case = call.case
    if case is None:
        return told
    return msgspec.structs.replace(
        told,
        source=case.source,
        due_at=answer_due(case),
        timezone=case.terms.calendar.timezone,
        owner=case.owner,
    )


def _words(call: Call, needs: Needs) -> str:
    need = needs.topics[call.topic]
    if call.kind not in needs.calls:
        return need
    return needs.calls[call.kind].format(
        need=need, count=COUNT, team=call.team, share=call.share, to=call.to
    )

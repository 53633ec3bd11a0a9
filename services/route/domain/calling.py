"""Who is called, about what, and in which words? The intents that a post or a late clock leaves."""

from datetime import datetime, timedelta

import msgspec

from schemas.decisions import Facts
from schemas.event import Instant, derive_id
from schemas.states import ANSWERS, WORDS, AlertKind, ClockFrom, MomentKind, PriorityBand
from schemas.tickets import Ticket
from schemas.vocabulary import CaseTopic, Visibility
from services.route.domain.alerting import Needs, need_of
from services.route.domain.book import AlertIntent
from services.route.domain.decide import band_of
from services.route.domain.message import About
from services.route.domain.moments import last_of
from services.route.domain.policy import Policy
from services.route.domain.teams import Team
from worktime.hours import hours_of


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """What made the call due: an event, its brand and partition, and when it counts from."""

    event_id: str
    brand: str
    at: Instant
    partition: int
    link: str | None = None


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be told: why, how urgent, to whom, and of what topic.

    ``case`` is the one that it is about: then its place, deadline and owner are told as well.
    """

    kind: AlertKind
    base: str
    severity: PriorityBand
    team: str
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
        severity=severity,
        team=ticket.team,
        topic=facts.topic,
        ticket_id=ticket.id,
        case=ticket,
        visibility=facts.visibility,
        repeat=facts.repeat_contact or facts.earlier_contacts > 0,
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
        severity=ticket.priority_band,
        team=ticket.team,
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
    matter = ticket.id if critical else f"{ticket.team}:{ticket.topic}"
    return Call(
        kind=AlertKind.sla,
        base=f"{ticket.brand}:sla:{matter}:{last.clock}:{last.level}",
        severity=ticket.priority_band,
        team=ticket.team,
        topic=ticket.topic,
        ticket_id=ticket.id,
        share=round(100 * last.threshold),
        to=last.to,
        case=ticket,
    )


def about_nobody(ticket: Ticket) -> Call:
    """A case that nobody on duty could be given."""
    return Call(
        kind=AlertKind.nobody_on_duty,
        base=f"{ticket.brand}:nobody:{ticket.team}",
        severity=ticket.priority_band,
        team=ticket.team,
        topic=ticket.topic,
        ticket_id=ticket.id,
    )


def about_removal(brand: str, post_id: str, team: str, ticket: Ticket | None) -> Call:
    """Something was taken from our own page by ourselves, which the policy forbids (R24)."""
    return Call(
        kind=AlertKind.removed,
        base=f"{brand}:removed:{post_id}",
        severity=PriorityBand.high,
        team=team,
        ticket_id=ticket.id if ticket else "",
    )


def intent(call: Call, cause: Cause, policy: Policy, needs: dict[str, Needs]) -> AlertIntent:
    """The intent as it is kept: its words in the team's language, its channel by the ladder."""
    team = policy.teams[call.team]
    higher = policy.teams.get(call.to)
    return AlertIntent(
        id=derive_id(cause.event_id, "AlertIntent", call.base),
        base=call.base,
        kind=call.kind,
        severity=call.severity,
        brand=cause.brand,
        team=call.team,
        channel=higher.channel if higher else team.channel,
        ticket_id=call.ticket_id,
        count=call.count,
        need=_words(call, needs[team.languages[0]]),
        link=cause.link,
        at=cause.at,
        partition=cause.partition,
        about=_about(call, team),
    )


def _about(call: Call, team: Team) -> About:
    told = About(
        lang=team.languages[0], team=team.title, visibility=call.visibility, repeat=call.repeat
    )
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
    if call.kind not in needs.calls:
        return need_of(needs, call.topic, call.count)
    return needs.calls[call.kind].format(
        need=need_of(needs, call.topic, 1),
        count=call.count,
        team=call.team,
        share=call.share,
        to=call.to,
    )

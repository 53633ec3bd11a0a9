"""What does a post do to a case? One customer's matter, in episodes; moments merge as a set."""

from datetime import datetime, timedelta

import msgspec

from schemas.event import derive_id
from schemas.posts import Case, SocialPost
from schemas.states import Change, MomentKind, TicketState
from schemas.tickets import Moment, Play, PlayStep, SlaTerms, Ticket
from schemas.vocabulary import CaseTopic, Disposition
from services.route.domain.decide import Verdict
from services.route.domain.moments import merge, reopened, taken_back, wrote

EXCERPT = 280
_CHANGES = {
    MomentKind.answered_publicly: Change.answered,
    MomentKind.answered_privately: Change.answered,
    MomentKind.acknowledged: Change.acknowledged,
    MomentKind.closing_noted: Change.closed_publicly,
    MomentKind.bot_answered: Change.bot_answered,
}
_STEPS = {
    "ack": (
        MomentKind.acknowledged,
        MomentKind.answered_publicly,
        MomentKind.answered_privately,
    ),
    "private": (MomentKind.answered_privately,),
    "closing": (MomentKind.closing_noted,),
}
_DIRECTLY = (MomentKind.answered_publicly, MomentKind.answered_privately, MomentKind.closing_noted)


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """What a new episode needs beside the post: who owns it and what was promised."""

    verdict: Verdict
    team: str
    owner: str | None
    terms: SlaTerms
    lang: str
    topic: CaseTopic
    urgency: int
    excerpt: bool
    reopen_within: timedelta
    related: tuple[str, ...] = ()


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket after a change, and which change it was."""

    ticket: Ticket
    change: Change


def ticket_id(case: Case, episode: int) -> str:
    """The id of a case's episode, the same wherever and whenever it is computed."""
    return derive_id(case.key, "Ticket", episode)


def open_case(case: Case, episode: int, post: SocialPost, opening: Opening) -> Ticket:
    """The first version of an episode."""
    verdict = opening.verdict
    private = verdict.disposition is Disposition.public_ack_then_private
    steps = tuple(PlayStep(name=name) for name in (_STEPS if private else ()))
    return Ticket(
        id=ticket_id(case, episode),
        version=1,
        case=case,
        episode=episode,
        brand=post.brand,
        conversation_id=post.conversation_id or post.root_id or post.parent_id or post.id,
        source=post.source,
        account=post.account,
        url=post.url,
        lang=opening.lang,
        topic=opening.topic,
        state=TicketState.open,
        disposition=verdict.disposition,
        priority=verdict.priority,
        priority_band=verdict.band,
        urgency=opening.urgency,
        rule_id=verdict.rule.id,
        team=opening.team,
        owner=opening.owner,
        skills=verdict.rule.then.skills,
        play=Play(name=verdict.disposition.value, steps=steps) if steps else None,
        related=opening.related,
        excerpt=post.text[:EXCERPT] if opening.excerpt else None,
        opened_at=post.said_at,
        reopen_within=int(opening.reopen_within.total_seconds()),
        terms=opening.terms,
        moments=(wrote(post),),
    )


def follow_up(ticket: Ticket, post: SocialPost, verdict: Verdict) -> Changed | None:
    """The customer wrote again in an episode; thanks are noted and ask for nothing (R8)."""
    closed, asks = ticket.state is TicketState.closed, verdict.disposition in _OPENS
    merged = merge(ticket.moments, _asked(ticket, post) if asks else ())
    new = merged != ticket.moments
    raised = verdict.priority > ticket.priority and not closed
    thanked = verdict.disposition is Disposition.thank
    outcome = "thanked" if thanked else ticket.outcome
    if not (new or raised or outcome != ticket.outcome):
        return None
    opens = new and asks
    changed = msgspec.structs.replace(
        ticket,
        version=ticket.version + 1,
        moments=merged,
        state=TicketState.open if opens else ticket.state,
        closed_at=None if opens else ticket.closed_at,
        outcome=outcome,
        priority=verdict.priority if raised else ticket.priority,
        priority_band=verdict.band if raised else ticket.priority_band,
        excerpt=post.text[:EXCERPT] if ticket.excerpt is not None else None,
    )
    if opens and closed:
        return Changed(ticket=changed, change=Change.reopened)
    only_raised = raised and not (new or thanked)
    change = Change.reprioritised if only_raised else Change.followed_up
    return Changed(ticket=changed, change=change)


def _asked(ticket: Ticket, post: SocialPost) -> tuple[Moment, ...]:
    moment = wrote(post)
    known = any(one.id == moment.id for one in ticket.moments)
    if known or ticket.state is not TicketState.closed:
        return (moment,)
    return (moment, reopened(ticket.id, ticket.version + 1, post))


def starts_episode(ticket: Ticket | None, post: SocialPost) -> bool:
    """Does a post that asks for a case open a new episode: none yet, or closed for too long?"""
    if ticket is None:
        return True
    if ticket.closed_at is None:
        return False
    return post.said_at - ticket.closed_at > timedelta(seconds=ticket.reopen_within)


def answer(ticket: Ticket, moment: Moment) -> Changed | None:
    """A brand's reply to the case; None where it is known already."""
    merged = merge(ticket.moments, (moment,))
    if merged == ticket.moments:
        return None
    answered = moment.kind in _DIRECTLY and ticket.state is TicketState.open
    waits = answered and moment.at >= max(m.at for m in merged)
    changed = msgspec.structs.replace(
        ticket,
        version=ticket.version + 1,
        moments=merged,
        state=TicketState.waiting_customer if waits else ticket.state,
        play=_played(ticket.play, merged),
    )
    return Changed(ticket=changed, change=_CHANGES[moment.kind])


def remove(ticket: Ticket, post: SocialPost) -> Changed | None:
    """The customer took the post back; the case stays, the moment is noted."""
    merged = merge(ticket.moments, (taken_back(post),))
    if merged == ticket.moments:
        return None
    changed = msgspec.structs.replace(ticket, version=ticket.version + 1, moments=merged)
    return Changed(ticket=changed, change=Change.customer_deleted)


def close(ticket: Ticket, *, at: datetime, by: str, outcome: str) -> Changed | None:
    """A person closes the case; None where it is closed already."""
    if ticket.state is TicketState.closed:
        return None
    moment = Moment(
        id=derive_id(ticket.id, "closed", ticket.version),
        at=at,
        received_at=at,
        kind=MomentKind.closed,
        by=by,
    )
    changed = msgspec.structs.replace(
        ticket,
        version=ticket.version + 1,
        moments=merge(ticket.moments, (moment,)),
        state=TicketState.closed,
        closed_at=at,
        outcome=outcome,
    )
    return Changed(ticket=changed, change=Change.closed)


_OPENS = frozenset(
    {
        Disposition.answer_here,
        Disposition.public_ack_then_private,
        Disposition.human_review,
    }
)
"""The dispositions that open a closed episode again; thanks for the help do not."""


def _played(play: Play | None, moments: tuple[Moment, ...]) -> Play | None:
    if play is None:
        return None
    steps = []
    for step in play.steps:
        times = [moment.at for moment in moments if moment.kind in _STEPS.get(step.name, ())]
        steps.append(PlayStep(name=step.name, done_at=min(times, default=None)))
    return msgspec.structs.replace(play, steps=tuple(steps))

"""What does a post do to a case? One customer's matter, in episodes; moments merge as a set."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

import msgspec

from schemas.classified import Classification
from schemas.event import derive_id
from schemas.posts import Case, SocialPost
from schemas.states import Change, MomentKind, TicketState
from schemas.tickets import Moment, SlaTerms, Ticket
from schemas.vocabulary import CaseTopic
from services.route.domain.book import conversation_of
from services.route.domain.decide import Verdict
from services.route.domain.folding import fold, is_folded
from services.route.domain.moments import (
    merge,
    state_of,
    taken_back,
    wrote,
)
from services.route.domain.play import play_of, played
from services.route.domain.terms import unknown_before

EXCERPT = 280
RELATED = 20
"""How many other tickets of a customer one names, the latest ones."""
_CHANGES = {
    MomentKind.answered_publicly: Change.answered,
    MomentKind.answered_privately: Change.answered,
    MomentKind.acknowledged: Change.acknowledged,
    MomentKind.promised: Change.acknowledged,
    MomentKind.closing_noted: Change.closed_publicly,
    MomentKind.bot_answered: Change.bot_answered,
}


REOPENED: Mapping[str, Any] = {
    "closed_at": None,
    "outcome": None,
    "follow_ups": (),
    "level": 0,
    "escalations": (),
}
"""What a case that is opened again has left behind."""


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """What a new episode needs beside the post: who owns it and what was promised."""

    verdict: Verdict
    team: str
    owner: str | None
    terms: SlaTerms
    lang: str
    topic: CaseTopic
    urgency: int
    excerpt: str | None
    reopen_within: timedelta
    judged: Classification | None = None
    related: tuple[str, ...] = ()


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket after a change, and which change it was."""

    ticket: Ticket
    change: Change


def ticket_id(case: Case, episode: int) -> str:
    """The id of a case's episode, the same wherever and whenever it is computed."""
    return derive_id(case.key, "Ticket", episode)


def version_id(ticket: Ticket) -> str:
    """The id of the event that tells this version of a ticket."""
    return derive_id(ticket.id, "TicketEvent", ticket.version)


def open_case(case: Case, last: Ticket | None, post: SocialPost, opening: Opening) -> Ticket:
    """The first version of an episode; ``last`` is the one before."""
    verdict, episode = opening.verdict, last.episode + 1 if last else 1
    return Ticket(
        id=ticket_id(case, episode),
        version=1,
        case=case,
        episode=episode,
        brand=post.brand,
        conversation_id=conversation_of(post),
        source=post.source,
        account=post.account,
        channel_role=post.channel_role,
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
        play=play_of(verdict.disposition, ()),
        related=opening.related or ((last.id,) if last else ()),
        excerpt=opening.excerpt,
        opened_at=post.said_at,
        reopen_within=int(opening.reopen_within.total_seconds()),
        terms=opening.terms,
        earlier_terms=unknown_before(post),
        moments=(wrote(post, opening.judged),),
    )


def starts_episode(ticket: Ticket | None, post: SocialPost) -> bool:
    """Does a post that asks for a case open a new episode: none yet, or closed for too long?"""
    if ticket is None:
        return True
    if ticket.closed_at is None:
        return False
    return post.said_at - ticket.closed_at > timedelta(seconds=ticket.reopen_within)


def answer(ticket: Ticket, moment: Moment) -> Changed | None:
    """A brand's reply to the case; None where it is known already. It ends a claim."""
    moments = merged(ticket, (moment,))
    if moments == ticket.moments:
        return None
    changed = msgspec.structs.replace(
        ticket,
        version=ticket.version + 1,
        moments=moments,
        state=state_of(moments),
        claim=ticket.claim if moment.kind is MomentKind.bot_answered else None,
        play=played(ticket.play, moments),
    )
    return Changed(ticket=fold(changed), change=_CHANGES[moment.kind])


def merged(ticket: Ticket, moments: Iterable[Moment]) -> tuple[Moment, ...]:
    """The moments with these, as far as they do not lie in what was folded."""
    return merge(ticket.moments, (one for one in moments if not is_folded(ticket.folded, one)))


def remove(ticket: Ticket, post: SocialPost) -> Changed | None:
    """The customer took the post back; the case stays, the moment is noted."""
    moments = merged(ticket, (taken_back(post),))
    if moments == ticket.moments:
        return None
    changed = msgspec.structs.replace(ticket, version=ticket.version + 1, moments=moments)
    return Changed(ticket=changed, change=Change.customer_deleted)

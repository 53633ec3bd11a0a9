"""What does a post do to a case? One customer's matter, in episodes; moments merge as a set."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec

from schemas.classified import Classification
from schemas.event import derive_id
from schemas.posts import Case, SocialPost
from schemas.states import Change, MomentKind, Outcome, TicketState
from schemas.tickets import EarlierTerms, Moment, SlaTerms, Ticket
from schemas.vocabulary import CaseTopic, Disposition, Op
from services.route.domain.book import conversation_of
from services.route.domain.decide import Verdict
from services.route.domain.folding import fold, is_folded
from services.route.domain.moments import (
    last_of,
    merge,
    paused_since,
    state_of,
    taken_back,
    taken_up,
    wrote,
)
from services.route.domain.play import play_of, played
from services.route.domain.terms import Asked, earlier_terms, unknown_before

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
        earlier_terms=unknown_before(weighs_since(post), since=post.said_at),
        moments=(wrote(post, opening.judged),),
    )


def follow_up(ticket: Ticket, post: SocialPost, opening: Opening) -> Changed | None:
    """The customer wrote again in an episode, or changed what was written.

    Words that weigh more than what the case is held for take it over: rule, team and promise
    become theirs, time already counted stays. Words that weigh less change nothing. Thanks are
    noted and ask for nothing (R8). An edit that softens closes nothing.
    """
    heard = _heard(ticket, post, opening)
    thanked = opening.verdict.disposition is Disposition.thank
    outcome = Outcome.thanked.value if thanked else ticket.outcome
    now = (heard.moments, heard.earlier_terms, outcome)
    if now == (ticket.moments, ticket.earlier_terms, ticket.outcome) and not heard.raised:
        return None
    latest = post.said_at >= (last_of(heard.moments, (MomentKind.customer_wrote,)) or post.said_at)
    changed = msgspec.structs.replace(
        _taken_over(ticket, opening) if heard.raised else ticket,
        version=ticket.version + 1,
        moments=heard.moments,
        earlier_terms=heard.earlier_terms,
        state=state_of(heard.moments),
        **(REOPENED if heard.reopens else {"outcome": outcome}),
        opened_at=min(ticket.opened_at, post.said_at) if heard.new else ticket.opened_at,
        excerpt=opening.excerpt if latest and opening.excerpt else ticket.excerpt,
    )
    return Changed(ticket=changed, change=heard.change(thanked=thanked))


class _Heard(NamedTuple):
    moments: tuple[Moment, ...]
    earlier_terms: tuple[EarlierTerms, ...]
    new: bool
    reopens: bool
    raised: bool

    def change(self, *, thanked: bool) -> Change:
        if self.reopens:
            return Change.reopened
        if self.new or thanked:
            return Change.followed_up
        return Change.reprioritised if self.raised else Change.terms_changed


def _heard(ticket: Ticket, post: SocialPost, opening: Opening) -> _Heard:
    """What words that ask for something add to a case; others add nothing."""
    priority = opening.verdict.priority
    if opening.verdict.disposition not in _OPENS:
        return _Heard(ticket.moments, ticket.earlier_terms, new=False, reopens=False, raised=False)
    heavier, closed = priority > ticket.priority, ticket.state is TicketState.closed
    moments = _merged(ticket, _asked(ticket, post, opening, raised=heavier))
    new = moments != ticket.moments
    raised = heavier and (new or not closed)
    asked = Asked(weighs_since(post), priority, opening.terms, post.said_at)
    earlier = ticket.earlier_terms
    if raised or not heavier:
        earlier = earlier_terms(ticket, asked, takes_over=raised)
    return _Heard(moments, earlier, new=new, reopens=new and closed, raised=raised)


def weighs_since(post: SocialPost) -> datetime:
    """Since when its words weigh: since they were written, or changed to what they are."""
    return post.occurred_at if post.op is Op.edited else post.said_at


def _asked(
    ticket: Ticket, post: SocialPost, opening: Opening, *, raised: bool
) -> tuple[Moment, ...]:
    """What words that ask for something add: themselves, and the end of a close or a pause."""
    moment = wrote(post, opening.judged)
    known = any(one.id == moment.id for one in ticket.moments)
    if known and not raised:
        return (moment,)
    if ticket.state is TicketState.closed:
        ended, kind = ticket.closed_at, MomentKind.reopened
    else:
        ended, kind = paused_since(ticket.moments), MomentKind.resumed
    return (moment, taken_up(ticket.id, kind, post, after=ended)) if ended else (moment,)


def _taken_over(ticket: Ticket, opening: Opening) -> Ticket:
    """The case as its weightiest words want it; who has it keeps it within the team (R3)."""
    verdict = opening.verdict
    stays = opening.team == ticket.team
    return msgspec.structs.replace(
        ticket,
        disposition=verdict.disposition,
        priority=verdict.priority,
        priority_band=verdict.band,
        urgency=max(ticket.urgency, opening.urgency),
        rule_id=verdict.rule.id,
        topic=opening.topic,
        team=opening.team,
        owner=ticket.owner if stays and ticket.owner else opening.owner,
        claim=ticket.claim if stays else None,
        skills=verdict.rule.then.skills,
        terms=opening.terms,
        play=play_of(verdict.disposition, ticket.moments),
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
    moments = _merged(ticket, (moment,))
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


def _merged(ticket: Ticket, moments: Iterable[Moment]) -> tuple[Moment, ...]:
    """The moments with these, as far as they do not lie in what was folded."""
    return merge(ticket.moments, (one for one in moments if not is_folded(ticket.folded, one)))


def remove(ticket: Ticket, post: SocialPost) -> Changed | None:
    """The customer took the post back; the case stays, the moment is noted."""
    merged = _merged(ticket, (taken_back(post),))
    if merged == ticket.moments:
        return None
    changed = msgspec.structs.replace(ticket, version=ticket.version + 1, moments=merged)
    return Changed(ticket=changed, change=Change.customer_deleted)


_OPENS = frozenset(
    {
        Disposition.answer_here,
        Disposition.public_ack_then_private,
        Disposition.human_review,
    }
)
"""The dispositions that open a closed episode again; thanks for the help do not."""

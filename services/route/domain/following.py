"""What do more words make of a case? They are heard, and take it over where they weigh more."""

from typing import NamedTuple

import msgspec

from schemas.posts import SocialPost
from schemas.states import Change, MomentKind, Outcome, TicketState
from schemas.tickets import EarlierTerms, Moment, Ticket
from schemas.vocabulary import Disposition
from services.route.domain.moments import last_of, paused_since, state_of, taken_up, wrote
from services.route.domain.play import play_of
from services.route.domain.terms import Asked, earlier_terms, weighs_since
from services.route.domain.ticket import REOPENED, Changed, Opening, merged

_OPENS = frozenset(
    {
        Disposition.answer_here,
        Disposition.public_ack_then_private,
        Disposition.human_review,
    }
)
"""The dispositions that open a closed episode again; thanks for the help do not."""


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
    moments = merged(ticket, _asked(ticket, post, opening, raised=heavier))
    new = moments != ticket.moments
    raised = heavier and (new or not closed)
    asked = Asked(weighs_since(post), priority, opening.terms, post.said_at)
    earlier = ticket.earlier_terms
    if raised or not heavier:
        earlier = earlier_terms(ticket, asked, takes_over=raised)
    return _Heard(moments, earlier, new=new, reopens=new and closed, raised=raised)


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

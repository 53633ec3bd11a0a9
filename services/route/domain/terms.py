"""What was promised when? The weightiest words so far set the terms, in any order of arrival."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from schemas.posts import SocialPost
from schemas.tickets import EarlierTerms, SlaTerms, Ticket
from schemas.vocabulary import Op

UNKNOWN = -1
"""Weighs less than any words."""


class Asked(NamedTuple):
    """Words that ask for terms: since when, how much they weigh, and what is promised for them.

    They were said at ``said_at``; what they were before an edit, nobody may have seen.
    """

    since: datetime
    priority: int
    terms: SlaTerms
    said_at: datetime


def earlier_terms(ticket: Ticket, asked: Asked, *, takes_over: bool) -> tuple[EarlierTerms, ...]:
    """The terms that held before the ones that will hold, once these words are known as well.

    Words weigh in from when they were said: a lighter word that comes to light late was answered
    by its own promise, as far as no heavier one had been said before it.
    """
    steps = _steps(ticket)
    before = [step for step in steps if step.since <= asked.since]
    if before and before[-1].priority >= asked.priority:
        return ticket.earlier_terms
    kept = [step for step in before if step.since < asked.since]
    after = [step for step in steps[len(before) :] if step.priority > asked.priority]
    if not after and not takes_over and asked.terms != ticket.terms:
        after = steps[-1:]  # as heavy, and said later: the first to come keeps the case
    held = [*_unknown(ticket, asked, kept), *kept, asked, *after]
    return tuple(
        EarlierTerms(
            until=later.since,
            priority=step.priority,
            terms=None if step.terms == later.terms else step.terms,
        )
        for step, later in pairwise(held)
    )


def unknown_before(post: SocialPost) -> tuple[EarlierTerms, ...]:
    """Of a case that is opened by an edit: what its words were before, nobody has seen yet."""
    at = weighs_since(post)
    return (EarlierTerms(until=at, priority=UNKNOWN),) if at > post.said_at else ()


def _unknown(ticket: Ticket, asked: Asked, before: Sequence[Asked]) -> Sequence[Asked]:
    """The time before an edit that is the first we know of."""
    opened_at = min(ticket.opened_at, asked.said_at)
    if before or asked.since <= opened_at:
        return ()
    return (asked._replace(since=opened_at, priority=UNKNOWN),)


def _steps(ticket: Ticket) -> list[Asked]:
    """The ticket's terms in time, the first ones since its first words."""
    terms, found = ticket.terms, list[Asked]()
    sinces = [ticket.opened_at, *(one.until for one in ticket.earlier_terms)]
    found.append(Asked(sinces[-1], ticket.priority, terms, sinces[-1]))
    for since, one in zip(reversed(sinces[:-1]), reversed(ticket.earlier_terms), strict=True):
        terms = one.terms or terms
        found.append(Asked(since, one.priority, terms, since))
    return found[::-1]


def weighs_since(post: SocialPost) -> datetime:
    """Since when its words weigh: since they were written, or changed to what they are."""
    return post.occurred_at if post.op is Op.edited else post.said_at

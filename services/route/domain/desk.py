"""What happens to one classified post? A decision always; its case, its ticket, an alert if due."""

from collections.abc import Iterator, Sequence
from functools import cached_property

import msgspec

from schemas.classified import ClassifiedPost
from schemas.decisions import Decision, Facts, PolicyVersion
from schemas.posts import case_of
from schemas.states import AlertKind, AlertNeed, CaseState, Change
from schemas.tickets import Moment, Ticket, TicketEvent
from schemas.vocabulary import Op, Space, Visibility
from services.route.domain.assignment import SENIOR, Wish, owner_of
from services.route.domain.book import Book
from services.route.domain.calling import (
    Call,
    Cause,
    about_case,
    about_many,
    about_nobody,
    about_removal,
    intent,
)
from services.route.domain.counting import is_own, note, what_others_say
from services.route.domain.decide import CASES, Surroundings, Verdict, decide, facts_of, hush_of
from services.route.domain.following import follow_up
from services.route.domain.moments import replied
from services.route.domain.needs import Needs
from services.route.domain.play import fitted
from services.route.domain.policy import Policy
from services.route.domain.records import changed_by, decision_of, sighting_of
from services.route.domain.ticket import (
    EXCERPT,
    RELATED,
    Changed,
    Opening,
    answer,
    open_case,
    remove,
    starts_episode,
    ticket_id,
)

_CONTENT = frozenset({Op.created, Op.edited})
_REMOVED = frozenset({Op.deleted, Op.hidden})
_TOLD = frozenset({AlertNeed.now, AlertNeed.digest})
_SHOWN_AGAIN = frozenset({Op.restored, Op.unhidden})


class Rules(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """The policy that runs, its number, and the words of its alerts by language."""

    policy: Policy
    seq: int
    needs: dict[str, Needs]

    @cached_property
    def version(self) -> PolicyVersion:
        """How a decision names the policy."""
        return PolicyVersion(name=self.policy.name, seq=self.seq, hash=self.policy.hash)


class Seat(msgspec.Struct, frozen=True, kw_only=True):
    """How a post came: on which partition, and was it put back by an operator?

    ``recovered``: the store lost what had come of it; whoever was called for it was called.
    ``traces`` names the span that goes with it, where one is recorded.
    """

    partition: int
    replayed: bool = False
    recovered: bool = False
    traces: tuple[str, ...] = ()


class Desk:
    """One post on the desk: decision first, then what it does to its case."""

    def __init__(self, event: ClassifiedPost, book: Book, rules: Rules, seat: Seat) -> None:
        self._event, self._post = event, event.post
        self._case, self._own = case_of(event.post), is_own(event.post)
        self._case_key = self._case.key
        self._book, self._rules, self._seat = book, rules, seat

    def settle(self) -> Iterator[Decision | TicketEvent]:
        """The decision and what it changed, in order; the book is changed as it goes."""
        post = self._post
        if not self._book.first_sight(post.event_id):
            return
        if post.op in _REMOVED:
            yield from self._removed()
        elif self._is_content() and not self._decided_already():
            yield from self._content()

    def _is_content(self) -> bool:
        """A post that is shown again counts as said, if it was taken back before it came."""
        if self._post.op in _SHOWN_AGAIN:
            known = self._book.sighting(self._post)
            return known is not None and known.removed and known.case_key is None
        return self._post.op in _CONTENT

    def _decided_already(self) -> bool:
        known = self._book.sighting(self._post)
        return known is not None and known.revision == self._post.revision

    def _content(self) -> Iterator[Decision | TicketEvent]:
        """Decide and keep; of a post that nobody's case is, a count and the decision stay (R20)."""
        post, book = self._post, self._book
        known = book.sighting(post)
        stale = known is not None and known.revision > post.revision
        gone = known is not None and known.removed
        ticket = None if self._own else book.tickets.get(self._case_key)
        facts, verdict = self._judge(ticket)
        changes = [] if stale and gone else self._changes(ticket, facts, verdict, stale=stale)
        ticket = changes[-1].ticket if changes else ticket
        if not stale and (ticket or known or self._own):
            self._remember()
        yield decision_of(self._event, self._rules.version, facts, verdict, ticket)
        yield from (changed_by(self._event, changed) for changed in changes)
        if ticket and not gone and not self._own and not self._seat.replayed:
            for call in self._calls(ticket, facts, verdict):
                late = self._seat.recovered or bool(verdict.hush)
                self._call(call, late=late or verdict.alert is AlertNeed.digest)

    def _judge(self, ticket: Ticket | None) -> tuple[Facts, Verdict]:
        post, policy = self._post, self._policy
        judged = self._event.classification
        customer, others = self._case.customer, {}
        if judged:
            again = self._own or post.op is Op.edited or self._book.sighting(post) is not None
            if not again:
                note(self._event, judged, self._book.context, self._seat.partition)
            others = what_others_say(self._event, judged, self._book.context, policy)
        around = Surroundings(
            case_state=CaseState(ticket.state.value) if ticket else CaseState.none,
            earlier_contacts=self._book.earlier_contacts(post.brand, customer, self._case_key),
            replayed=self._seat.replayed,
            swaps=self._book.swaps,
            **others,
        )
        facts = facts_of(self._event, around, policy)
        parts = judged.parts if judged else ()
        return facts, decide(facts, parts, policy, hush=hush_of(post, around, policy))

    def _changes(
        self, ticket: Ticket | None, facts: Facts, verdict: Verdict, *, stale: bool
    ) -> list[Changed]:
        """What the post does to its case; a text that was overtaken by its edit still weighs."""
        if self._own:
            return self._answered()
        changes: list[Changed] = []
        if verdict.disposition in CASES and starts_episode(ticket, self._post):
            changes = self._opened(ticket, facts, verdict, stale=stale)
        elif ticket and verdict.disposition in CASES:
            opening = self._opening(ticket.id, facts, verdict, stale=stale)
            changes = self._kept([follow_up(ticket, self._post, opening)])
        return changes + self._answered_before()

    def _opening(self, ticket: str, facts: Facts, verdict: Verdict, *, stale: bool) -> Opening:
        policy, then = self._policy, verdict.rule.then
        at = facts.at or self._post.received_at
        wish = Wish(
            ticket_id=ticket,
            lang=facts.lang,
            skills=then.skills,
            senior=then.seniority == SENIOR,
        )
        people, load = facts.on_duty.get(then.team or "", ()), self._book.load
        return Opening(
            verdict=verdict,
            team=then.team or "",
            owner=owner_of(wish, people, policy.people, load),
            terms=fitted(
                policy.sla[then.sla or ""].terms(policy.hash, at),
                verdict.disposition,
                public=self._post.visibility is not Visibility.private,
            ),
            lang=facts.lang,
            topic=facts.topic,
            urgency=facts.urgency,
            excerpt=self._post.text[:EXCERPT] if policy.excerpt and not stale else None,
            reopen_within=policy.reopen_within,
            judged=self._event.classification,
            related=self._related(),
        )

    def _opened(
        self, last: Ticket | None, facts: Facts, verdict: Verdict, *, stale: bool
    ) -> list[Changed]:
        post, case = self._post, self._case
        episode = last.episode + 1 if last else 1
        opening = self._opening(ticket_id(case, episode), facts, verdict, stale=stale)
        ticket = open_case(case, last, post, opening)
        return self._kept([Changed(ticket=ticket, change=Change.opened)])

    def _related(self) -> tuple[str, ...]:
        """The customer's other tickets, linked ones on other channels too (R54)."""
        author = self._post.author
        known = self._book.related.get((self._post.brand, author.id if author else ""), ())
        return tuple(known)[-RELATED:]

    def _answered_before(self) -> list[Changed]:
        """Replies to this post that were seen before it: they belong to its case, if it has one."""
        changes: list[Changed] = []
        if self._case_key not in self._book.tickets:
            return changes
        for moment in self._book.replies_to(self._post):
            changes += self._kept([answer(self._book.tickets[self._case_key], moment)])
        return changes

    def _answered(self) -> list[Changed]:
        sighting = self._book.answered_by(self._post)
        ticket = self._book.tickets.get(sighting.case_key or "") if sighting else None
        if ticket is None:
            return []
        return self._kept([answer(ticket, self._reply)])

    @cached_property
    def _reply(self) -> Moment:
        """The moment of this reply; seen after it was reported, or the other way, it is one."""
        twin = self._book.twin_of(self._post, self._event.fingerprint)
        return twin or replied(self._post, self._event.reply_review)

    def _removed(self) -> Iterator[Decision | TicketEvent]:
        """The case stays; what we took from our own page ourselves calls somebody (R24)."""
        post, sighting = self._post, self._book.sighting(self._post)
        ticket = self._book.tickets.get(sighting.case_key or "") if sighting else None
        if sighting is None:
            self._remember(removed=True)
        by_us = bool(post.deleted_by and post.deleted_by.is_brand)
        ours = sighting is not None and sighting.reply is not None
        if (by_us or ours) and post.space is Space.own_page and not self._seat.replayed:
            team = ticket.team if ticket else self._policy.last_resort
            self._call(about_removal(post.brand, post.id, team, ticket))
        if ticket and not by_us:
            changes = self._kept([remove(ticket, post)])
            yield from (changed_by(self._event, changed) for changed in changes)

    def _kept(self, changes: Sequence[Changed | None]) -> list[Changed]:
        done = [changed for changed in changes if changed]
        for changed in done:
            self._book.change(changed.ticket, partition=self._seat.partition)
        return done

    def _remember(self, *, removed: bool = False) -> None:
        reply = self._reply if self._own and not removed else None
        self._book.remember(sighting_of(self._event, reply, own=self._own, removed=removed))

    def _calls(self, ticket: Ticket, facts: Facts, verdict: Verdict) -> Iterator[Call]:
        """Who is called about a customer's post, if anybody may be."""
        opens, kind = verdict.disposition in CASES, self._many(facts)
        if opens and kind:
            yield about_many(kind, ticket, facts.topic.value, facts.topic_count)
        elif verdict.rule.then.alert in _TOLD:
            yield about_case(ticket, facts, verdict.band)
        if opens and not facts.on_duty.get(ticket.team):
            yield about_nobody(ticket)

    def _many(self, facts: Facts) -> AlertKind | None:
        """Is the topic more than one case: a spike, or hot while no week tells what is usual?"""
        matter = (self._post.brand, facts.topic, facts.lang)
        if facts.spike:
            return AlertKind.spike
        usual = self._book.context.has_history(matter, self._post.said_at)
        return AlertKind.hot_topic if facts.hot and not usual else None

    def _call(self, call: Call, *, late: bool = False) -> None:
        post = self._post
        at = post.received_at if post.backfill else post.occurred_at
        cause = Cause(
            event_id=post.event_id,
            brand=post.brand,
            at=at,
            partition=self._seat.partition,
            link=post.url,
            traces=self._seat.traces,
        )
        self._book.intents.append(intent(call, cause, self._policy, self._rules.needs, late=late))

    @property
    def _policy(self) -> Policy:
        return self._rules.policy

"""What happens to one classified post? A decision always; its case, its ticket, an alert if due."""

from collections.abc import Iterator, Sequence

import msgspec

from schemas.classified import Classification, ClassifiedPost
from schemas.decisions import Decision, Facts, PolicyVersion
from schemas.event import derive_id
from schemas.posts import SocialPost, case_of
from schemas.states import AlertKind, AlertNeed, CaseState, Change
from schemas.tickets import Moment, Ticket, TicketEvent
from schemas.vocabulary import Intent, Op
from services.route.domain.alerting import Needs, intent_base, need_of
from services.route.domain.book import AlertIntent, Book, Sighting, conversation_of, thread_of
from services.route.domain.decide import CASES, Surroundings, Verdict, decide, facts_of, hush_of
from services.route.domain.moments import replied
from services.route.domain.policy import Policy
from services.route.domain.ticket import (
    Changed,
    Opening,
    answer,
    follow_up,
    open_case,
    remove,
    starts_episode,
    ticket_id,
)

_COUNTED = frozenset({Intent.complaint, Intent.question, Intent.request})
_CONTENT = frozenset({Op.created, Op.edited})
_REMOVED = frozenset({Op.deleted, Op.hidden})
_SHOWN_AGAIN = frozenset({Op.restored, Op.unhidden})


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """The policy that runs, its number, and the words of its alerts by language."""

    policy: Policy
    seq: int
    needs: dict[str, Needs]

    @property
    def version(self) -> PolicyVersion:
        """How a decision names the policy."""
        return PolicyVersion(name=self.policy.name, seq=self.seq, hash=self.policy.hash)


class Seat(msgspec.Struct, frozen=True, kw_only=True):
    """How a post came: on which partition, and was it put back by an operator?"""

    partition: int
    replayed: bool = False


class Desk:
    """One post on the desk: decision first, then what it does to its case."""

    def __init__(self, event: ClassifiedPost, book: Book, rules: Rules, seat: Seat) -> None:
        self._event, self._post = event, event.post
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
        post, book = self._post, self._book
        known = book.sighting(post)
        stale = known is not None and known.revision > post.revision
        ticket = None if is_own(post) else book.tickets.get(case_of(post).key)
        facts, verdict = self._judge(ticket)
        changes = [] if stale else self._changes(ticket, facts, verdict)
        if not stale:
            self._remember()
        ticket = changes[-1].ticket if changes else ticket
        yield self._decision(facts, verdict, ticket)
        yield from map(self._ticket_event, changes)
        if ticket and not stale and not is_own(post):
            self._alert(ticket, facts, verdict)

    def _judge(self, ticket: Ticket | None) -> tuple[Facts, Verdict]:
        post, policy = self._post, self._rules.policy
        judged = self._event.classification
        case_key = case_of(post).key
        customer = post.author.id if post.author else None
        around = Surroundings(
            case_state=CaseState(ticket.state.value) if ticket else CaseState.none,
            earlier_contacts=self._book.earlier_contacts(post.brand, customer, case_key),
            topic_count=self._topic_count(judged) if judged else 0,
            replayed=self._seat.replayed,
        )
        facts = facts_of(self._event, around, policy)
        parts = judged.parts if judged else ()
        return facts, decide(facts, parts, policy, hush=hush_of(post, around, policy))

    def _topic_count(self, judged: Classification) -> int:
        """How hot the topic is with this post, which counts once and only as a customer's."""
        post, topic = self._post, judged.topic
        at = post.said_at
        again = self._book.sighting(post) is not None
        if judged.intent in _COUNTED and not is_own(post) and not again:
            self._book.count(post.brand, topic, at, partition=self._seat.partition)
        return self._book.topic_count(post.brand, topic, at, window=self._policy.hot_window)

    def _changes(self, ticket: Ticket | None, facts: Facts, verdict: Verdict) -> list[Changed]:
        if is_own(self._post):
            return self._answered()
        if verdict.disposition in CASES and starts_episode(ticket, self._post):
            return self._opened(ticket, facts, verdict)
        changed = follow_up(ticket, self._post, verdict) if ticket else None
        return self._kept([changed])

    def _opened(self, last: Ticket | None, facts: Facts, verdict: Verdict) -> list[Changed]:
        post, policy, then = self._post, self._rules.policy, verdict.rule.then
        case, episode = case_of(post), last.episode + 1 if last else 1
        people = facts.on_duty.get(then.team or "", ())
        opening = Opening(
            verdict=verdict,
            team=then.team or "",
            owner=_one_of(people, ticket_id(case, episode)),
            terms=policy.sla[then.sla or ""].terms(policy.hash, facts.at or post.received_at),
            lang=facts.lang,
            topic=facts.topic,
            urgency=facts.urgency,
            excerpt=policy.excerpt,
            reopen_within=policy.reopen_within,
            related=(last.id,) if last else (),
        )
        opened = self._kept(
            [Changed(ticket=open_case(case, episode, post, opening), change=Change.opened)]
        )
        for moment in self._book.replies_to(post):
            opened += self._kept([answer(opened[-1].ticket, moment)])
        return opened

    def _answered(self) -> list[Changed]:
        sighting = self._book.answered_by(self._post)
        ticket = self._book.tickets.get(sighting.case_key or "") if sighting else None
        if ticket is None:
            return []
        return self._kept([answer(ticket, self._reply())])

    def _reply(self) -> Moment:
        """The moment of this reply; seen after it was reported, or the other way, it is one."""
        twin = self._book.twin_of(self._post, self._event.fingerprint)
        return twin or replied(self._post, self._event.reply_review)

    def _removed(self) -> Iterator[Decision | TicketEvent]:
        sighting = self._book.sighting(self._post)
        if sighting is None:
            self._remember(removed=True)
            return
        ticket = self._book.tickets.get(sighting.case_key or "")
        if ticket:
            yield from map(self._ticket_event, self._kept([remove(ticket, self._post)]))

    def _kept(self, changes: Sequence[Changed | None]) -> list[Changed]:
        done = [changed for changed in changes if changed]
        for changed in done:
            self._book.change(changed.ticket, partition=self._seat.partition)
        return done

    def _remember(self, *, removed: bool = False) -> None:
        """Note the post; of a tombstone it is not known whose the post was."""
        post, own = self._post, is_own(self._post) or removed
        self._book.remember(
            Sighting(
                post_id=post.id,
                revision=post.revision,
                brand=post.brand,
                conversation=conversation_of(post),
                thread=thread_of(post),
                case_key=None if own else case_of(post).key,
                customer=post.author.id if post.author and not own else None,
                author_hash=post.author.hash if post.author and not is_own(post) else None,
                parent_id=post.parent_id,
                at=post.said_at,
                reply=self._reply() if own and not removed else None,
                fingerprint=self._event.fingerprint if own else None,
                removed=removed,
            )
        )

    def _decision(self, facts: Facts, verdict: Verdict, ticket: Ticket | None) -> Decision:
        post, then = self._post, verdict.rule.then
        return Decision(
            event_id=derive_id(f"{post.brand}:{post.id}", "Decision", post.revision),
            cause_id=self._event.event_id,
            occurred_at=post.occurred_at,
            post_id=post.id,
            revision=post.revision,
            brand=post.brand,
            disposition=verdict.disposition,
            reasons=verdict.reasons,
            rule_id=verdict.rule.id,
            policy=self._rules.version,
            mode=verdict.rule.mode,
            ticket_id=ticket.id if ticket else None,
            team=then.team,
            sla=then.sla,
            alert=verdict.alert,
            play=ticket.play.name if ticket and ticket.play else None,
            suggestion=then.suggestion,
            priority=verdict.priority,
            priority_band=verdict.band,
            parts=verdict.parts,
            monitored=verdict.monitored,
            inputs=facts,
        )

    def _ticket_event(self, changed: Changed) -> TicketEvent:
        ticket = changed.ticket
        return TicketEvent(
            event_id=derive_id(ticket.id, "TicketEvent", ticket.version),
            cause_id=self._event.event_id,
            occurred_at=self._post.occurred_at,
            change=changed.change,
            post_id=self._post.id,
            ticket=ticket,
        )

    def _alert(self, ticket: Ticket, facts: Facts, verdict: Verdict) -> None:
        hot = facts.hot and verdict.disposition in CASES
        if verdict.hush or not (hot or verdict.alert is AlertNeed.now):
            return
        team = self._policy.teams[ticket.team]
        base = intent_base(ticket.brand, facts.topic, ticket.id, hot=hot)
        needs = self._rules.needs[team.languages[0]]
        self._book.intents.append(
            AlertIntent(
                id=derive_id(self._post.event_id, "AlertIntent", base),
                base=base,
                kind=AlertKind.hot_topic if hot else AlertKind.case,
                severity=verdict.band,
                brand=ticket.brand,
                team=ticket.team,
                channel=team.channel,
                ticket_id=ticket.id,
                count=facts.topic_count if hot else 1,
                need=need_of(needs, facts.topic, facts.topic_count if hot else 1),
                link=ticket.url,
                at=facts.at or self._post.received_at,
                partition=self._seat.partition,
            )
        )

    @property
    def _policy(self) -> Policy:
        return self._rules.policy


def is_own(post: SocialPost) -> bool:
    """Is it the brand's own word? By configured ids only, ingest has said so."""
    return bool(post.author and post.author.is_brand)


def _one_of(people: tuple[str, ...], ticket: str) -> str | None:
    """One owner, the same whenever it is computed: drawn by the ticket's id, not by turns."""
    return people[int(ticket[:8], 16) % len(people)] if people else None

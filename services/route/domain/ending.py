"""How does a case end, for the customer and for us?"""

from datetime import datetime

import msgspec

from schemas.event import derive_id
from schemas.states import ANSWERS, Change, FollowUp, MomentKind, Outcome
from schemas.tickets import Moment, Ticket
from schemas.vocabulary import Tone
from services.route.domain.moments import last_of, merge, next_instant, state_of
from services.route.domain.ticket import Changed


def close(
    ticket: Ticket, *, at: datetime, by: str, outcome: str, follow_ups: tuple[FollowUp, ...] = ()
) -> Changed:
    """The case as a person closes it, with how it ended and what is left to do (R4, R8)."""
    ended = next_instant(ticket.moments, at)
    moment = Moment(
        id=derive_id(ticket.id, "closed", ticket.version),
        at=ended,
        received_at=ended,
        kind=MomentKind.closed,
        by=by,
    )
    moments = merge(ticket.moments, (moment,))
    changed = msgspec.structs.replace(
        ticket,
        version=ticket.version + 1,
        moments=moments,
        state=state_of(moments),
        closed_at=ended,
        outcome=outcome,
        claim=None,
        follow_ups=follow_ups,
    )
    return Changed(ticket=changed, change=Change.closed)


def outcome_of(ticket: Ticket) -> Outcome:
    """How the customer took the last answer, by what they wrote after it (R8)."""
    if ticket.outcome == Outcome.thanked:
        return Outcome.thanked
    answered = last_of(ticket.moments, ANSWERS)
    wrote = [m for m in ticket.moments if m.kind is MomentKind.customer_wrote]
    after = [m for m in wrote if answered and m.at > answered]
    before = [m for m in wrote if answered and m.at <= answered]
    if not after:
        return Outcome.silent
    if after[-1].tone is Tone.positive:
        return Outcome.thanked
    heat = max(map(_heat, before), default=0)
    return Outcome.angrier if _heat(after[-1]) > heat else Outcome.calmer


def follow_ups_of(outcome: Outcome, wanted: tuple[FollowUp, ...]) -> tuple[FollowUp, ...]:
    """What is left to do: what a person asked for, and a second contact with whom we lost."""
    lost = (FollowUp.second_contact,) if outcome is Outcome.angrier else ()
    return tuple(dict.fromkeys((*wanted, *lost)))


def _heat(moment: Moment) -> int:
    return 1 + moment.strength if moment.tone is Tone.negative else 0

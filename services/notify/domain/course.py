"""How did a case go? What a report counts of it, read off its moments."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from schemas.states import WORDS, Axis, MomentKind
from schemas.tickets import Moment, Ticket
from schemas.vocabulary import Tone
from services.notify.domain.timeline import in_order, pauses_of
from worktime.hours import hours_of


class Course(msgspec.Struct, frozen=True, kw_only=True):
    """When a person first and last spoke, and the customer's tone before and after the first time.

    ``after`` is the tone of the customer's last words since; None where they wrote none.
    ``handed_at`` is when the case was first handed over, ``corrected`` the axes that a person
    judged otherwise.
    """

    spoke_at: datetime | None
    spoke_last_at: datetime | None
    before: Tone | None
    after: Tone | None
    handed_at: datetime | None
    corrected: frozenset[Axis]


def course_of(ticket: Ticket) -> Course:
    """The course of a case as it stands; no bot has a word in it."""
    spoke = [moment.at for moment in ticket.moments if moment.kind in WORDS]
    wrote = sorted(
        (moment for moment in ticket.moments if moment.kind is MomentKind.customer_wrote),
        key=lambda moment: (moment.at, moment.id),
    )
    first = min(spoke, default=None)
    return Course(
        spoke_at=first,
        spoke_last_at=max(spoke, default=None),
        before=_last_tone(one for one in wrote if first is None or one.at <= first),
        after=_last_tone(one for one in wrote if first is not None and one.at > first),
        handed_at=min((one.at for one in ticket.hand_overs), default=None),
        corrected=frozenset(one.axis for one in ticket.corrections),
    )


def worked(ticket: Ticket, since: datetime, until: datetime) -> timedelta:
    """Working time between two instants by the ticket's calendar and its holds."""
    pauses = pauses_of(in_order(ticket.moments))
    return hours_of(ticket.terms.calendar).elapsed(since, until, pauses)


def _last_tone(wrote: Iterable[Moment]) -> Tone | None:
    """Of words whose tone was not judged nothing is known: unknown, which is no silence."""
    last = None
    for moment in wrote:
        last = moment.tone or Tone.unknown
    return last

"""A day of 5,000 cases whose figures can be worked out with a pencil.

Case ``n`` belongs to fate ``n % 10``, 500 each; an even fate is team ``care``, an odd ``fraud``.
It is opened at 10:00 and ``n % 300`` minutes of a Monday and is promised an answer within an hour;
the last tick is that of Wednesday at midnight. Minutes are counted from the customer's words:

    fate  first words   answer  what then
    0     negative      30      writes happily at 40, closed at 60, thanked
    1     indifferent   30      open
    2     negative      90      sent elsewhere, writes angrily at 100, closed at 120, angrier
    3     negative      420     open
    4     indifferent   never   open
    5     indifferent   5       closed at 10, silent
    6     indifferent   never   closed at 10, silent
    7     indifferent   15      open
    8     indifferent   45      came in by marketing, handed over from care to fraud at 20, open
    9     indifferent   60      open; a person judged it otherwise

Beside them: 1,000 posts that speak to nobody, 100 of which are part of cases of fate 1 that are
answered later; of the first 200, on one topic while many write, 150 are negative; three days later
40 more, 10 negative; and of the day before ten cases, four of them answered after 30 minutes.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from schemas.decisions import Decision, Facts, PolicyVersion, ReplyScore
from schemas.states import Axis, MomentKind, Outcome, PriorityBand
from schemas.tickets import Correction, HandOver, Moment, Ticket
from schemas.vocabulary import (
    Addressed,
    CaseTopic,
    ChannelRole,
    Disposition,
    Intent,
    ReplyKind,
    Tone,
)
from tests.unit.notify.builders import START, moment, ticket

CASES, TALK, LATER = 5000, 1000, 40
LANGS = ("ru", "bg", "en")
MINUTE = timedelta(minutes=1)
LAST_TICK = timedelta(days=2) - timedelta(hours=10)
"""From the day's start on: Wednesday at midnight."""


class Fate(NamedTuple):
    """Minutes from the first words on; None for what never happened."""

    tone: Tone = Tone.indifferent
    answer: int | None = None
    again: tuple[int, Tone] | None = None
    closed: int | None = None
    outcome: Outcome | None = None
    failed: tuple[str, ...] = ()


FATES = (
    Fate(Tone.negative, 30, (40, Tone.positive), 60, Outcome.thanked),
    Fate(answer=30),
    Fate(Tone.negative, 90, (100, Tone.negative), 120, Outcome.angrier, ("same_channel",)),
    Fate(Tone.negative, 420, failed=("empathy",)),
    Fate(),
    Fate(answer=5, closed=10, outcome=Outcome.silent),
    Fate(closed=10, outcome=Outcome.silent),
    Fate(answer=15),
    Fate(answer=45),
    Fate(answer=60),
)


def cases() -> Iterator[Ticket]:
    """The tickets of the day, and of the day before."""
    for n in range(CASES):
        yield _case(n)
    for n in range(10):
        fate = Fate(answer=30) if n < 4 else Fate()
        began = (START - timedelta(days=1) - START) / MINUTE + n
        yield _ticket(f"before{n}", fate, began, "care", n)


def decisions() -> Iterator[Decision]:
    """What was decided of all posts of the day, and of the three others."""
    for n in range(CASES):
        yield from _of_case(n)
    for m in range(TALK):
        of_many = m < 200
        facts = Facts(
            brand="acme",
            source="vk",
            addressed=Addressed.none,
            topic=CaseTopic.outage_availability if of_many else CaseTopic.other,
            tone=Tone.negative if of_many and m % 4 != 3 else Tone.indifferent,
            hot=of_many,
            at=START + (60 + m % 60) * MINUTE,
        )
        case = f"case{291 + 300 * (m % 10)}" if m >= TALK - 100 else None
        yield _decision(f"talk{m}", facts, Disposition.listen, case)
    for m in range(LATER):
        facts = Facts(
            brand="acme",
            source="vk",
            topic=CaseTopic.outage_availability,
            tone=Tone.negative if m < 10 else Tone.indifferent,
            at=START + timedelta(days=3) + m * MINUTE,
        )
        yield _decision(f"later{m}", facts, Disposition.listen)
    long_ago = Facts(brand="acme", source="vk", at=START - timedelta(days=10))
    yield _decision("long ago", long_ago, Disposition.listen)


def _case(n: int) -> Ticket:
    fate = n % 10
    made = _ticket(f"case{n}", FATES[fate], n % 300, ("care", "fraud")[fate % 2], n)
    if fate == 8:
        moved = HandOver(at=made.opened_at + 20 * MINUTE, was="care", team="fraud")
        return msgspec.structs.replace(
            made, team="fraud", hand_overs=(moved,), channel_role=ChannelRole.marketing
        )
    if fate == 9:
        judged = Correction(
            at=made.opened_at, version=2, axis=Axis.disposition, was="listen", now="thank"
        )
        return msgspec.structs.replace(made, corrections=(judged,))
    return made


def _ticket(name: str, fate: Fate, began: float, team: str, n: int) -> Ticket:
    moments = [_wrote(name, began, fate.tone)]
    if fate.answer is not None:
        after = began + fate.answer
        moments.append(moment(MomentKind.answered_publicly, after, name=f"{name}-a"))
    if fate.again:
        moments.append(_wrote(name, began + fate.again[0], fate.again[1]))
    if fate.closed is not None:
        moments.append(moment(MomentKind.closed, began + fate.closed, name=f"{name}-c"))
    made = ticket(*moments, name=name, team=team)
    ended = None if fate.closed is None else made.opened_at + fate.closed * MINUTE
    return msgspec.structs.replace(
        made,
        lang=LANGS[n % 3],
        source="telegram" if n % 4 == 0 else "vk",
        closed_at=ended,
        outcome=fate.outcome,
    )


def _wrote(name: str, minutes: float, tone: Tone) -> Moment:
    wrote = moment(MomentKind.customer_wrote, minutes, name=f"{name}-w{minutes}")
    return msgspec.structs.replace(wrote, tone=tone)


def _of_case(n: int) -> Iterator[Decision]:
    fate, began = FATES[n % 10], START + (n % 300) * MINUTE
    facts = Facts(
        brand="acme",
        source="telegram" if n % 4 == 0 else "vk",
        channel_role=ChannelRole.marketing if n % 10 == 8 else ChannelRole.service,
        addressed=Addressed.direct,
        intent=Intent.complaint,
        tone=fate.tone,
        at=began,
    )
    yield _decision(f"post{n}", facts, Disposition.answer_here, f"case{n}")
    if fate.answer is not None:
        ours = Facts(
            brand="acme",
            source=facts.source,
            own=True,
            addressed=Addressed.direct,
            at=began + fate.answer * MINUTE,
        )
        score = ReplyScore(
            kind=ReplyKind.answer, checked=("empathy", "same_channel"), failed=fate.failed
        )
        told = _decision(f"reply{n}", ours, Disposition.none, f"case{n}")
        yield msgspec.structs.replace(told, reply=score)


def _decision(
    name: str, facts: Facts, disposition: Disposition, case: str | None = None
) -> Decision:
    at: datetime = facts.at or START
    return Decision(
        event_id=f"decision of {name}",
        occurred_at=at,
        post_id=name,
        revision=1_772_445_600_000,  # many platforms have none but a time in milliseconds
        brand=facts.brand,
        disposition=disposition,
        reasons=(),
        rule_id="r",
        policy=PolicyVersion(name="p", seq=1, hash="h"),
        ticket_id=case,
        priority=0,
        priority_band=PriorityBand.low,
        parts=(),
        inputs=facts,
    )

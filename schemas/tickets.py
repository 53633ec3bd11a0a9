"""Whose case is it, what was promised and what happened so far? Everything a clock needs."""

import msgspec

from schemas.calendars import Calendar
from schemas.event import Contract, Event, Instant
from schemas.posts import Case
from schemas.states import (
    Axis,
    Change,
    ClockFrom,
    ClockName,
    FollowUp,
    MomentKind,
    PriorityBand,
    TicketState,
)
from schemas.vocabulary import CaseTopic, ChannelRole, Disposition, Tone

TOLD = 50
"""How many hand-overs and corrections a ticket tells, the latest ones."""


class Targets(msgspec.Struct, frozen=True, kw_only=True):
    """Promised working seconds per clock; null means that the clock does not run."""

    first_response: int | None = None
    next_response: int | None = None
    resolution: int | None = None
    silence: int | None = None
    promise: int | None = None
    ack: int | None = None
    private: int | None = None
    closing: int | None = None


class SlaTerms(msgspec.Struct, frozen=True, kw_only=True):
    """What the customer was promised, resolved: notify reads no policy (design 1)."""

    policy_hash: str
    name: str
    clock_from: ClockFrom = ClockFrom.posted
    calendar: Calendar
    targets: Targets
    thresholds: tuple[float, ...] = (0.75, 1.0, 1.5)


class EarlierTerms(Contract, frozen=True, kw_only=True):
    """What was promised until heavier words took the case over: what ended by then is judged so.

    ``priority`` is of the words that asked for it; no ``terms``: those that follow, unchanged.
    """

    until: Instant
    priority: int
    terms: SlaTerms | None = None


class Moment(Contract, frozen=True, kw_only=True):
    """One thing that happened to a case, in event time; moments merge as a set by id.

    ``reported``: we were told of it, no platform has shown it. ``tone`` and ``strength`` are of
    what a customer wrote: whether an answer made it better is read off them (R8, R101).
    """

    id: str
    at: Instant
    received_at: Instant
    kind: MomentKind
    by: str | None = None
    promise_until: Instant | None = None
    reported: bool = False
    tone: Tone | None = None
    strength: int = 0


class Folded(Contract, frozen=True, kw_only=True):
    """Exchanges of a long case that are over: how many cycles of which clocks ran in them.

    No moment of the ticket lies between ``since`` and ``until``; their verdicts were told.
    """

    since: Instant
    until: Instant
    cycles: dict[str, int]


class PlayStep(Contract, frozen=True, kw_only=True):
    """One step of a play and when it was taken."""

    name: str
    done_at: Instant | None = None


class Play(msgspec.Struct, frozen=True, kw_only=True):
    """The steps that a disposition asks for, in order (R16, R89)."""

    name: str
    steps: tuple[PlayStep, ...]


class Claim(Contract, frozen=True, kw_only=True):
    """Somebody works on the case alone until then (a lease: it ends by itself)."""

    by: str
    until: Instant


class Escalation(Contract, frozen=True, kw_only=True):
    """A threshold that lifted the case to a step of its team's ladder."""

    event_id: str
    clock: ClockName
    threshold: float
    level: int
    to: str
    at: Instant


class HandOver(Contract, frozen=True, kw_only=True):
    """A person gave the case to another team (R60)."""

    at: Instant
    was: str
    team: str


class Correction(Contract, frozen=True, kw_only=True):
    """A person judged the case otherwise: on which axis, what it said and what it says now.

    ``version`` is the ticket's that says it.
    """

    at: Instant
    version: int
    axis: Axis
    was: str
    now: str


class Ticket(Contract, frozen=True, kw_only=True):
    """One episode of one case: one owner, one set of terms, all its moments.

    ``level`` is the step of the team's ladder that the case was escalated to, 0 for none.
    ``follow_ups`` is what is left to do after the end (R4). ``channel_role`` is that of the post
    that opened it (R50). ``hand_overs`` and ``corrections`` are the latest ``TOLD``.
    """

    id: str
    version: int
    case: Case
    episode: int
    brand: str
    conversation_id: str
    source: str
    account: str
    channel_role: ChannelRole = ChannelRole.service
    url: str | None = None
    lang: str
    topic: CaseTopic
    state: TicketState
    disposition: Disposition
    priority: int
    priority_band: PriorityBand
    urgency: int
    rule_id: str
    team: str
    owner: str | None = None
    claim: Claim | None = None
    level: int = 0
    escalations: tuple[Escalation, ...] = ()
    skills: tuple[str, ...] = ()
    play: Play | None = None
    related: tuple[str, ...] = ()
    hand_overs: tuple[HandOver, ...] = ()
    corrections: tuple[Correction, ...] = ()
    outcome: str | None = None
    follow_ups: tuple[FollowUp, ...] = ()
    excerpt: str | None = None
    opened_at: Instant
    closed_at: Instant | None = None
    reopen_within: int = 604_800
    terms: SlaTerms
    earlier_terms: tuple[EarlierTerms, ...] = ()
    folded: tuple[Folded, ...] = ()
    moments: tuple[Moment, ...]


class TicketEvent(Event, frozen=True, kw_only=True, tag_field="type", tag=True):
    """A ticket changed; it carries the whole ticket, readers keep the highest version."""

    change: Change
    post_id: str | None = None
    by: str | None = None
    reason: str | None = None
    ticket: Ticket

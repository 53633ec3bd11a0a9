"""Where may a case, a clock or an alert stand? The vocabularies of what becomes of a post."""

from collections.abc import Mapping

from schemas.vocabulary import Vocabulary


class TicketState(Vocabulary):
    """Where a ticket stands."""

    open = "open"
    waiting_customer = "waiting_customer"
    closed = "closed"
    unknown = "unknown"


class CaseState(Vocabulary):
    """What route knew of the case when it decided."""

    none = "none"
    open = "open"
    waiting_customer = "waiting_customer"
    closed = "closed"
    unknown = "unknown"


class Change(Vocabulary):
    """What happened to a ticket."""

    opened = "opened"
    followed_up = "followed_up"
    assigned = "assigned"
    claimed = "claimed"
    escalated = "escalated"
    deescalated = "deescalated"
    answered = "answered"
    acknowledged = "acknowledged"
    closed_publicly = "closed_publicly"
    bot_answered = "bot_answered"
    paused = "paused"
    resumed = "resumed"
    reprioritised = "reprioritised"
    terms_changed = "terms_changed"
    closed = "closed"
    reopened = "reopened"
    merged = "merged"
    linked = "linked"
    customer_deleted = "customer_deleted"
    overridden = "overridden"
    erased = "erased"
    refreshed = "refreshed"
    unknown = "unknown"


class Outcome(Vocabulary):
    """How a case ended for the customer (R8)."""

    thanked = "thanked"
    calmer = "calmer"
    silent = "silent"
    angrier = "angrier"
    unknown = "unknown"


class FollowUp(Vocabulary):
    """What is left to do once a case has ended (R4)."""

    second_contact = "second_contact"
    crm_record = "crm_record"
    product_feedback = "product_feedback"
    unknown = "unknown"


class MomentKind(Vocabulary):
    """What a clock needs to know happened."""

    customer_wrote = "customer_wrote"
    answered_publicly = "answered_publicly"
    answered_privately = "answered_privately"
    acknowledged = "acknowledged"
    closing_noted = "closing_noted"
    promised = "promised"
    bot_answered = "bot_answered"
    paused = "paused"
    resumed = "resumed"
    closed = "closed"
    reopened = "reopened"
    customer_deleted = "customer_deleted"
    unknown = "unknown"


ANSWERS = frozenset(
    {MomentKind.answered_publicly, MomentKind.answered_privately, MomentKind.closing_noted}
)
"""What a person of the brand said to the matter; an acknowledgement is none, nor is a bot."""

WORDS = ANSWERS | {MomentKind.acknowledged, MomentKind.promised}
"""What a person of the brand said at all; ``promised``: that we will come back to it (R65, R67)."""

MOMENT_RANKS: Mapping[MomentKind, int] = {
    **dict.fromkeys(WORDS, 0),
    MomentKind.customer_wrote: 1,
    MomentKind.reopened: 2,
    MomentKind.paused: 3,
    MomentKind.resumed: 4,
    MomentKind.closed: 5,
}
"""What comes first of one instant, for clocks and for where a case stands alike.

A bot's answer is missing on purpose: it stops no clock.
"""


class ClockFrom(Vocabulary):
    """Which instant starts a clock: the customer's or the team's."""

    posted = "posted"
    received = "received"
    unknown = "unknown"


class ClockName(Vocabulary):
    """The clocks that a ticket can carry."""

    first_response = "first_response"
    next_response = "next_response"
    resolution = "resolution"
    silence = "silence"
    promise = "promise"
    ack = "ack"
    private = "private"
    closing = "closing"
    unknown = "unknown"


class SlaState(Vocabulary):
    """What became true of a clock."""

    at_risk = "at_risk"
    breached = "breached"
    met = "met"
    cancelled = "cancelled"
    corrected = "corrected"
    unknown = "unknown"


class Axis(Vocabulary):
    """What a person can judge otherwise than the decision did."""

    disposition = "disposition"
    urgency = "urgency"
    unknown = "unknown"


class AlertState(Vocabulary):
    """Where an alert group stands."""

    raised = "raised"
    updated = "updated"
    acknowledged = "acknowledged"
    escalated = "escalated"
    repeated = "repeated"
    resolved = "resolved"
    unknown = "unknown"


class AlertKind(Vocabulary):
    """Why somebody is called; ``removed``: a post of ours vanished from our own page (R24).

    ``summary``: what came too late to page anybody (design 3.7); ``duty_gap``: hours to come in
    which a team has nobody (R58).
    """

    case = "case"
    hot_topic = "hot_topic"
    spike = "spike"
    sla = "sla"
    nobody_on_duty = "nobody_on_duty"
    removed = "removed"
    summary = "summary"
    duty_gap = "duty_gap"
    unknown = "unknown"


class PriorityBand(Vocabulary):
    """The four queues; bounds 0, 25, 50, 75 (policy.md)."""

    low = "low"
    normal = "normal"
    high = "high"
    critical = "critical"
    unknown = "unknown"


class AlertNeed(Vocabulary):
    """Does the decision call somebody?"""

    none = "none"
    now = "now"
    digest = "digest"
    unknown = "unknown"


class RuleMode(Vocabulary):
    """Does the rule decide, or only count what it would have done?"""

    active = "active"
    monitor = "monitor"
    expired = "expired"
    unknown = "unknown"

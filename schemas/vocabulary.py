"""Which words may stand in an event? Open vocabularies: a word from the future reads as unknown."""

from enum import StrEnum


class Vocabulary(StrEnum):
    """A growing set of words; a reader maps what it does not know to ``unknown``."""

    @classmethod
    def _missing_(cls, value: object) -> "Vocabulary":
        return cls["unknown"]


class Op(Vocabulary):
    """What happened to a post."""

    created = "created"
    edited = "edited"
    deleted = "deleted"
    hidden = "hidden"
    unhidden = "unhidden"
    restored = "restored"
    engagement = "engagement"
    unknown = "unknown"


class Kind(Vocabulary):
    """What sort of post it is."""

    post = "post"
    comment = "comment"
    reply = "reply"
    mention = "mention"
    message = "message"
    review = "review"
    repost = "repost"
    quote = "quote"
    story = "story"
    call = "call"
    letter = "letter"
    sms = "sms"
    visit = "visit"
    unknown = "unknown"


class Space(Vocabulary):
    """Whose ground the post stands on (R26)."""

    own_page = "own_page"
    mention = "mention"
    review = "review"
    forum = "forum"
    blog = "blog"
    dm = "dm"
    unknown = "unknown"


class ChannelRole(Vocabulary):
    """What the account is for (R49)."""

    service = "service"
    marketing = "marketing"
    unknown = "unknown"


class Visibility(Vocabulary):
    """Who can read the post (R33)."""

    public = "public"
    unlisted = "unlisted"
    private = "private"
    unknown = "unknown"


class PostedAtSource(Vocabulary):
    """Which clock ``posted_at`` was read from."""

    platform = "platform"
    envelope = "envelope"
    received = "received"
    reported = "reported"
    unknown = "unknown"


class SeenAs(Vocabulary):
    """Did we see the post, or were we told of it?"""

    observed = "observed"
    reported = "reported"
    unknown = "unknown"


class Addressed(Vocabulary):
    """Does the post speak to the brand, about it, or neither (R18)?"""

    direct = "direct"
    mention = "mention"
    none = "none"
    unknown = "unknown"


class Intent(Vocabulary):
    """What the author wants (R27)."""

    question = "question"
    complaint = "complaint"
    request = "request"
    praise = "praise"
    talk = "talk"
    spam = "spam"
    unknown = "unknown"


class Tone(Vocabulary):
    """Four states, not three (R29)."""

    negative = "negative"
    positive = "positive"
    interested = "interested"
    indifferent = "indifferent"
    unknown = "unknown"


class Emotion(Vocabulary):
    """The feeling that a reply must react to (R30)."""

    none = "none"
    anger = "anger"
    fear = "fear"
    sadness = "sadness"
    joy = "joy"
    unknown = "unknown"


class Solvable(Vocabulary):
    """Can the company solve it (R7)?"""

    yes = "yes"
    no = "no"
    unknown = "unknown"


class CaseTopic(Vocabulary):
    """What the matter is about."""

    billing_payment = "billing_payment"
    delivery_logistics = "delivery_logistics"
    outage_availability = "outage_availability"
    product_quality = "product_quality"
    account_access = "account_access"
    fraud_security = "fraud_security"
    staff_service = "staff_service"
    price_terms = "price_terms"
    cancellation_refund = "cancellation_refund"
    information = "information"
    safety = "safety"
    other = "other"
    unknown = "unknown"


class Flag(Vocabulary):
    """A reason to bring in a person; it never silences."""

    churn = "churn"
    legal = "legal"
    press = "press"
    safety = "safety"
    self_harm = "self_harm"
    spam = "spam"
    unknown = "unknown"


class Disposition(Vocabulary):
    """What is to be done with a post; deletion is not expressible (R24)."""

    answer_here = "answer_here"
    public_ack_then_private = "public_ack_then_private"
    thank = "thank"
    listen = "listen"
    no_reply_insult = "no_reply_insult"
    no_reply_unresolvable = "no_reply_unresolvable"
    human_review = "human_review"
    ignore_spam = "ignore_spam"
    none = "none"
    unknown = "unknown"


class Suggestion(Vocabulary):
    """What a person is asked to confirm beside ``human_review``."""

    no_reply_unresolvable = "no_reply_unresolvable"
    correct_facts = "correct_facts"
    unknown = "unknown"


class RuleMode(Vocabulary):
    """Does the rule decide, or only count what it would have done?"""

    active = "active"
    monitor = "monitor"
    expired = "expired"
    unknown = "unknown"


class AlertNeed(Vocabulary):
    """Does the decision call somebody?"""

    none = "none"
    now = "now"
    digest = "digest"
    unknown = "unknown"


class PriorityBand(Vocabulary):
    """The four queues; bounds 0, 25, 50, 75 (policy.md)."""

    low = "low"
    normal = "normal"
    high = "high"
    critical = "critical"
    unknown = "unknown"


class ReplyKind(Vocabulary):
    """Which step of the play a brand's reply is."""

    acknowledgement = "acknowledgement"
    interim = "interim"
    private = "private"
    closing = "closing"
    answer = "answer"
    thanks = "thanks"
    unknown = "unknown"


class CaseState(Vocabulary):
    """What route knew of the case when it decided."""

    none = "none"
    open = "open"
    waiting_customer = "waiting_customer"
    closed = "closed"
    unknown = "unknown"


class TicketState(Vocabulary):
    """Where a ticket stands."""

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
    customer_deleted = "customer_deleted"
    overridden = "overridden"
    erased = "erased"
    refreshed = "refreshed"
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


class AlertState(Vocabulary):
    """Where an alert group stands."""

    raised = "raised"
    updated = "updated"
    acknowledged = "acknowledged"
    escalated = "escalated"
    resolved = "resolved"
    unknown = "unknown"


class AlertKind(Vocabulary):
    """Why somebody is called: one case, or a topic that many write about."""

    case = "case"
    hot_topic = "hot_topic"
    unknown = "unknown"

"""Which words may stand in an event? Open vocabularies: a word from the future reads as unknown.

Here the words of posts and their judgement; those of cases, clocks and alerts are in ``states``.
"""

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


class ReplyKind(Vocabulary):
    """Which step of the play a brand's reply is."""

    acknowledgement = "acknowledgement"
    interim = "interim"
    private = "private"
    closing = "closing"
    answer = "answer"
    thanks = "thanks"
    unknown = "unknown"

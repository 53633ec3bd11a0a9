"""Which words carry meaning? The shape of a lexicon file and its compiled form."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal, get_args

import msgspec

from schemas.vocabulary import CaseTopic
from services.classify.domain.matching import Index, index_of
from services.classify.domain.reply_words import ReplySigns, ReplyWords, Words, reply_signs


class Cue(StrEnum):
    """What a word can be a sign of; a closed set, each language fills all of it."""

    __hash__ = str.__hash__  # the same, without a call into Python at every look-up

    company = "company"
    name = "name"
    address = "address"
    person = "person"
    insult = "insult"
    negative = "negative"
    strong = "strong"
    problem = "problem"
    me = "me"
    denial = "denial"
    duration = "duration"
    again = "again"
    ask = "ask"
    question = "question"
    opener = "opener"
    praise = "praise"
    thanks = "thanks"
    warmth = "warmth"
    spam = "spam"
    news = "news"
    waiting = "waiting"
    repeat_contact = "repeat_contact"
    time_pressure = "time_pressure"
    blocked = "blocked"
    stranded = "stranded"
    money_at_stake = "money_at_stake"
    churn = "churn"
    legal = "legal"
    press = "press"
    safety = "safety"
    self_harm = "self_harm"
    campaign = "campaign"
    unresolvable = "unresolvable"
    fear = "fear"
    sadness = "sadness"
    personal = "personal"


TopicName = Literal[
    "safety",
    "fraud_security",
    "outage_availability",
    "cancellation_refund",
    "account_access",
    "billing_payment",
    "delivery_logistics",
    "price_terms",
    "staff_service",
    "product_quality",
    "information",
]
ABOUT = "about:"
TOPICS = tuple(CaseTopic(name) for name in get_args(TopicName))


class LexiconFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A lexicon as it is written; an unknown key is an error."""

    lang: Literal["ru", "bg", "en"]
    cues: dict[Cue, Words]
    topics: dict[TopicName, Words]
    replies: ReplyWords
    whys: dict[str, str]


class Lexicon(msgspec.Struct, frozen=True, kw_only=True):
    """A lexicon ready for use."""

    lang: str
    words: Index[str]
    """Cues by their names, topics as ``about:NAME``: one walk over a text finds both."""
    replies: ReplySigns
    whys: Mapping[str, str]


class BadLexicon(Exception):  # noqa: N818 - reads as what it is
    """A lexicon is incomplete or a cue cannot be read; the message names language and place."""


def compile_lexicon(file: LexiconFile) -> Lexicon:
    """The lexicon of a file; every cue must have words."""
    missing = [cue.value for cue in Cue if not file.cues.get(cue)]
    if missing:
        raise BadLexicon(f"lexicon {file.lang}: expected words for every cue, none for {missing}")
    return Lexicon(
        lang=file.lang,
        words=index_of(
            {cue.value: words for cue, words in file.cues.items()}
            | {f"{ABOUT}{name}": words for name, words in file.topics.items()}
        ),
        replies=reply_signs(file.replies),
        whys=file.whys,
    )

"""Which typical answer fits this situation? A suggestion with blanks, for a person to finish (R68).

What was done, ``{action_done}``, is always a blank: no text claims work that nobody did.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from schemas.limits import REPLY_LIMITS
from schemas.vocabulary import CaseTopic, Disposition, ReplyKind, Visibility

LIMITS: Mapping[str, int] = {**REPLY_LIMITS, "generic": 2000}
"""How many letters an answer may have (R55); an unknown platform is like generic."""

LONGEST: Mapping[str, int] = {"customer": 20, "agent": 16, "action_done": 90, "until": 20}
"""The blanks that a person fills, and how long what stands there may plausibly be."""

ANYWHERE = frozenset({ReplyKind.answer, ReplyKind.thanks})
"""What is said the same in private; the other kinds lead a talk out of the public, or back."""

TOPIC = "topic"
BLANK = re.compile(r"\{(\w*)\}")


class Situation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a reply is typical: a step of the play, what was decided, and what it is about."""

    id: str
    kind: ReplyKind
    dispositions: tuple[Disposition, ...]
    topics: tuple[CaseTopic, ...] = ()
    visibility: Visibility = Visibility.public


class Matter(msgspec.Struct, frozen=True, kw_only=True):
    """What a reply is wanted for; another ``turn`` takes another of several texts (R69).

    ``template`` is the situation that the policy names: it goes before what is typical.
    """

    topic: CaseTopic
    disposition: Disposition
    template: str | None = None
    visibility: Visibility = Visibility.public
    turn: int = 0


class Texts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The texts of a situation in one language; ``short`` ones for where there is little room."""

    full: tuple[str, ...]
    short: tuple[str, ...]


class Language(msgspec.Struct, frozen=True, kw_only=True):
    """What can be said in a language: the names of topics, and texts by situation."""

    topics: Mapping[CaseTopic, str]
    texts: Mapping[str, Texts]


class Replies(msgspec.Struct, frozen=True, kw_only=True):
    """All typical replies, checked."""

    situations: tuple[Situation, ...]
    languages: Mapping[str, Language]


class Suggested(msgspec.Struct, frozen=True, kw_only=True):
    """A text with its blanks, and the situation that it is typical for."""

    situation: str
    text: str


def suggest(
    replies: Replies, *, matter: Matter, lang: str, platform: str, kind: ReplyKind
) -> Suggested | None:
    """The text that fits; None for another language, or where nothing is typical or short enough.

    The first situation that fits holds; the fuller text goes before a short one.
    """
    language = replies.languages.get(lang.partition("-")[0].lower())
    fitting = [one for one in replies.situations if _fits(one, matter, kind)]
    situation = min(fitting, key=lambda one: one.id != matter.template, default=None)
    if language is None or situation is None:
        return None
    texts, limit = language.texts[situation.id], LIMITS.get(platform, LIMITS["generic"])
    topic = language.topics.get(matter.topic, language.topics[CaseTopic.other])
    for group in (texts.full, texts.short):
        roomy = [text for text in _filled(group, topic) if length(text) <= limit]
        if roomy:
            return Suggested(situation=situation.id, text=roomy[matter.turn % len(roomy)])
    return None


def may_be_said(situation: Situation, visibility: Visibility) -> bool:
    """Do the texts of a situation fit where they will be read?"""
    if situation.visibility is visibility:
        return True
    return visibility is Visibility.private and situation.kind in ANYWHERE


def length(text: str) -> int:
    """How long a text may become when its blanks are filled."""
    blanks = sum(LONGEST[name] for name in BLANK.findall(text))
    return len(BLANK.sub("", text)) + blanks


def _filled(texts: Sequence[str], topic: str) -> Iterator[str]:
    return (text.replace(f"{{{TOPIC}}}", topic) for text in texts)


def _fits(situation: Situation, matter: Matter, kind: ReplyKind) -> bool:
    named = situation.id == matter.template
    return (
        situation.kind is kind
        and matter.disposition in situation.dispositions
        and (named or not situation.topics or matter.topic in situation.topics)
        and may_be_said(situation, matter.visibility)
    )

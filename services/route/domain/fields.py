"""What may a rule look at? Every fact by name: its kind, its words, what it means."""

from enum import EnumMeta
from typing import Any, Literal, TypeAlias, get_args, get_type_hints

import msgspec

from schemas.decisions import Facts
from schemas.vocabulary import Vocabulary

AUTHORS = ("vip", "press", "verified", "bot", "own")
"""The classes that ``author`` may name: an author can be of several."""

Kind: TypeAlias = Literal["words", "number", "text", "tags"]

_BOUNDS = {"urgency": (0, 100), "urgency_band": (0, 3), "strength": (0, 2)}
_ABOUT = {
    "brand": "the brand of brands.yaml",
    "source": "the platform: vk, telegram, appstore, ...",
    "account": "the configured account of brands.yaml",
    "kind": "what sort of post it is",
    "space": "whose ground it stands on: our page, a review site, a forum, ...",
    "channel_role": "what the account is for: service or marketing",
    "visibility": "who can read it",
    "lang": "the language of the text, as classify judges it: ru, bg, en, de, ...",
    "addressed": "does it speak to us, about us, or neither?",
    "intent": "what the author wants",
    "tone": "the tone of the text",
    "strength": "how strong the tone is, 0 to 2",
    "emotion": "the feeling that an answer must react to",
    "rude": "is it rude?",
    "fair_claim": "is there a claim that may be justified?",
    "solvable": "can the company solve it?",
    "topic": "what the matter is about",
    "personal_data": "does the text hold personal data?",
    "repeat_contact": "does the text say that the author has asked before?",
    "flags": "reasons to bring in a person",
    "urgency": "0 to 100, the sum of classify's parts",
    "urgency_band": "0 to 3",
    "proposal": "the disposition that classify proposes",
    "own": "is it our own account?",
    "bot": "is the author a bot?",
    "vip": "is the author on the list of important people?",
    "press": "is the author a journalist or a newsroom?",
    "verified": "has the platform verified the author?",
    "followers": "how many follow the author; null where that is unknown",
    "reach": "the largest audience that is known: followers or views; null where neither is",
    "rating": "stars of a review; null where there are none",
    "backfill": "was it first seen long after it was posted?",
    "case_state": "how the case of this customer stands",
    "earlier_contacts": "how many other cases this customer has had",
    "topic_count": "how many posts on this topic there were lately",
    "hot": "are there many posts on this topic?",
    "spike": "are there far more posts on this topic than in a usual hour?",
    "campaign": "how many others wrote the same text",
    "thread_posts": "how many customers' posts stand in the conversation",
    "thread_negative": "how many of them are negative",
    "author": f"what the author is, any of {', '.join(AUTHORS)}",
}


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One fact: ``words`` and ``tags`` have a list of values, a number may be null (unknown).

    ``future`` is the word for what a newer version says and this one does not know.
    """

    name: str
    kind: Kind
    about: str
    values: tuple[Any, ...] = ()
    future: Any = None
    nullable: bool = False
    low: int = 0
    high: int = 2**63 - 1


def fields() -> dict[str, Field]:
    """Every fact that a rule may name, in the order of ``Facts``, and the author's classes."""
    hints = get_type_hints(Facts)
    found = {
        name: _field(name, hint) for name, hint in hints.items() if name not in {"at", "on_duty"}
    }
    author = Field(name="author", kind="tags", about=_ABOUT["author"], values=AUTHORS)
    return {**found, "author": author}


def _field(name: str, hint: Any) -> Field:
    parts = (hint, *get_args(hint))
    about = _ABOUT.get(name, "")
    for kind in parts:
        if isinstance(kind, EnumMeta) and issubclass(kind, Vocabulary):
            shape: Kind = "words" if kind is hint else "tags"
            words, future = _words(name, kind), kind("unknown")
            return Field(name=name, kind=shape, about=about, values=words, future=future)
    if bool in parts:
        return Field(name=name, kind="words", about=about, values=(True, False))
    if int in parts:
        low, high = _BOUNDS.get(name, (0, 2**63 - 1))
        nullable = type(None) in parts
        return Field(name=name, kind="number", about=about, nullable=nullable, low=low, high=high)
    return Field(name=name, kind="text", about=about)


def _words(name: str, kind: type[Vocabulary]) -> tuple[Vocabulary, ...]:
    """``unknown`` is what a reader makes of a word from the future; of ``solvable`` it is one."""
    return tuple(word for word in kind if word.value != "unknown" or name == "solvable")


FIELDS = fields()

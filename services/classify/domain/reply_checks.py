"""Which steps of a good reply does a reply show? Its kind says which ones it owes."""

import re
from collections.abc import Callable, Mapping, Sequence

import msgspec

from schemas.classified import ReplyCheck
from schemas.vocabulary import ReplyKind
from services.classify.domain.reply_kind import deed
from services.classify.domain.reply_words import ReplySigns

ACKNOWLEDGEMENT, INTERIM, PRIVATE = (
    ReplyKind.acknowledgement,
    ReplyKind.interim,
    ReplyKind.private,
)
ROOMY = 500
"""A platform with less room than so many letters gets no fault for what is spacious."""


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """A reply as the checks see it; ``to`` is the text that it answers, where that is known."""

    text: str
    sentences: Sequence[str]
    kind: ReplyKind
    words: ReplySigns
    limit: int | None = None
    to: str | None = None

    def finds(self, sign: str) -> str | None:
        """The first words that show a sign."""
        places = (self.words.signs[sign].search(one) for one in self.sentences)
        return next((place.group() for place in places if place), None)

    def does(self, *besides: str) -> str | None:
        """The first words that say what the brand does."""
        places = (deed(one, self.words, *besides) for one in self.sentences)
        return next(filter(None, places), None)


Step = Callable[[Reply], str | None]
"""The words that show a step, or None."""


def steps(reply: Reply) -> dict[str, ReplyCheck]:
    """The steps of a good reply that this kind should show (R75 to R82)."""
    roomy = reply.limit is None or reply.limit >= ROOMY
    asked = [name for name, kinds in KINDS.items() if reply.kind in kinds]
    found = {name: STEPS[name](reply) for name in asked if roomy or name not in SPACIOUS}
    untold = any(_is_unread(sentence, reply.words) for sentence in reply.sentences)
    return {name: _shown(words, name) for name, words in found.items() if words or not untold}


def _is_unread(sentence: str, words: ReplySigns) -> bool:
    """Does it say something that no word of the lexicon names? Then a deed may hide there."""
    signs = (words.signs[sign] for sign in READ)
    known = (words.kinds["private"], words.kinds["acknowledgement"], *signs)
    return len(WORD.findall(sentence)) >= TELLING and not any(one.search(sentence) for one in known)


def _shown(words: str | None, name: str) -> ReplyCheck:
    return ReplyCheck(ok=words is not None, evidence=words or f"missing: {MISSING[name]}")


def _who(reply: Reply) -> str | None:
    ends = (reply.words.ends["who"].search(one) for one in reply.sentences)
    return reply.finds("who") or next((place.group() for place in ends if place), None)


def _farewell(reply: Reply) -> str | None:
    """A kind word or an intention in the last sentence."""
    last = msgspec.structs.replace(reply, sentences=reply.sentences[-1:])
    return last.finds("farewell") or last.finds("looked_into") or last.does()


STEPS: Mapping[str, Step] = {
    "who": _who,
    "thanks": lambda reply: reply.finds("gratitude"),
    "empathy": lambda reply: reply.finds("empathy"),
    "actions": lambda reply: reply.finds("actions") or reply.does("contact"),
    "looked_into": lambda reply: reply.finds("looked_into") or reply.does(),
    "customer_step": lambda reply: reply.finds("customer_step") or reply.finds("data"),
    "farewell": _farewell,
}
KINDS: Mapping[str, frozenset[ReplyKind]] = {
    "who": frozenset({ACKNOWLEDGEMENT, INTERIM}),
    "thanks": frozenset({ACKNOWLEDGEMENT}),
    "empathy": frozenset({ACKNOWLEDGEMENT, PRIVATE}),
    "actions": frozenset({INTERIM}),
    "looked_into": frozenset({ACKNOWLEDGEMENT}),
    "customer_step": frozenset({PRIVATE}),
    "farewell": frozenset({ACKNOWLEDGEMENT}),
}
"""Which kinds should show a step: a closing of one line, an answer and a thanks owe none."""
READ = ("gratitude", "empathy", "farewell", "contact", "customer_step")
TELLING = 5
"""So many words or more can hide a step; fewer are a greeting, a name or a number."""
WORD = re.compile(r"\w+")
SPACIOUS = frozenset({"who", "thanks", "farewell"})
MISSING: Mapping[str, str] = {
    "who": "who answers, we or I",
    "thanks": "thanks for writing",
    "empathy": "a word of regret or understanding",
    "actions": "what is being done",
    "looked_into": "that it will be looked into",
    "customer_step": "what the customer is to do",
    "farewell": "a kind word at the end",
}

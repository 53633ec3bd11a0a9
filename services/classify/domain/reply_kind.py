"""Which step of the play is a reply? Acknowledge, report, go private, answer, close, or thank."""

import re
from collections.abc import Sequence

from schemas.vocabulary import ReplyKind
from services.classify.domain.reply_words import KindName, ReplySigns

ORDER: tuple[KindName, ...] = (
    "closing", "private", "praise", "interim", "answer", "acknowledgement", "thanks"
)  # fmt: skip
"""Which sign wins where a reply shows several."""
SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n+")


def sentences_of(folded: str) -> list[str]:
    """The sentences of a folded text; a dot within a date, a number or an address ends none."""
    return [one.strip() for one in SENTENCE.split(folded) if one.strip()]


def reply_kind(sentences: Sequence[str], words: ReplySigns) -> ReplyKind:
    """The step that a reply is; without any sign it is an answer."""
    sad = any(words.signs["empathy"].search(one) for one in sentences)
    order = [name for name in ORDER if not (sad and name == "praise")]
    shown = (name for name in order if any(_shows(name, one, words) for one in sentences))
    name = next(shown, "answer")
    return ReplyKind.thanks if name == "praise" else ReplyKind(name)


def deed(sentence: str, words: ReplySigns, *besides: str) -> str | None:
    """The words in which the brand says what it does or will do; feelings, questions are no deed.

    Russian and Bulgarian show it by the ending of the verb, English by "we" and a helping verb.
    """
    if sentence.endswith("?"):
        return None
    for sign in ("feelings", *besides):
        sentence = words.signs[sign].sub(" ", sentence)
    match = words.signs["deeds"].search(sentence) or words.ends["deed"].search(sentence)
    return match.group() if match else None


def _shows(name: KindName, sentence: str, words: ReplySigns) -> bool:
    match = words.kinds[name].search(sentence)
    if name == "closing" and match:
        return not words.signs["unless"].search(sentence[: match.start()])
    if name == "interim" and not match:
        intends = words.signs["looked_into"].search(sentence)  # in general, not in this case
        return intends is None and deed(sentence, words) is not None
    return match is not None

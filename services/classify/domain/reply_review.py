"""What did the brand just say? The step of the play that a reply is, and how it holds up (R16)."""

import re
from collections.abc import Mapping
from datetime import timedelta

from schemas.classified import ReplyCheck, ReplyReview
from schemas.event import Instant
from schemas.vocabulary import ReplyKind, Visibility
from services.classify.domain.language import language_of
from services.classify.domain.lexicon import Lexicon
from services.classify.domain.personal import personal_places
from services.classify.domain.reading import fold, read
from services.classify.domain.rule_judge import NEAREST

AMOUNT = re.compile(r"(\d{1,3})(?:\s*[-–]\s*(\d{1,3}))?\s*$")
LONGEST_PROMISE = timedelta(days=60)


class Reviewer:
    """Reviews replies by the words of the lexicons."""

    def __init__(self, lexicons: Mapping[str, Lexicon]) -> None:
        self._lexicons = lexicons

    def review_reply(
        self, text: str, *, said_at: Instant | None = None, visibility: Visibility
    ) -> ReplyReview:
        """The kind of a reply, its checks and the instant that it promises, if any."""
        reading = read(text)
        lang = language_of(reading.folded, None)
        lexicon = self._lexicons[NEAREST.get(lang, lang)]
        kind = reply_kind(fold(text), lexicon)
        return ReplyReview(
            kind=kind,
            checks=_checks(text, lexicon, visibility),
            promise_until=promise_until(fold(text), lexicon, said_at),
        )


def reply_kind(folded: str, lexicon: Lexicon) -> ReplyKind:
    """Which step a reply is; without any sign it is an answer."""
    shown = [kind for kind, words in lexicon.replies.items() if words.search(folded)]
    return shown[0] if shown else ReplyKind.answer


def promise_until(folded: str, lexicon: Lexicon, said_at: Instant | None) -> Instant | None:
    """The latest instant that "within 24 hours" names, counted from when it was said (R67)."""
    if said_at is None:
        return None
    spans = [
        timedelta(hours=amount * size)
        for name, size in (("hour", 1), ("day", 24))
        for amount in _amounts(folded, lexicon.reply_signs[name])
    ]
    fitting = [span for span in spans if span <= LONGEST_PROMISE]
    return said_at + max(fitting) if fitting else None


def _amounts(folded: str, unit: re.Pattern[str]) -> list[int]:
    starts = (match.start() for match in unit.finditer(folded))
    before = (AMOUNT.search(folded[:start]) for start in starts)
    return [int(match.group(2) or match.group(1)) for match in before if match]


def _checks(text: str, lexicon: Lexicon, visibility: Visibility) -> dict[str, ReplyCheck]:
    folded, signs = fold(text), lexicon.reply_signs
    public = visibility is not Visibility.private
    asked = signs["asks_data"].search(folded) if public else None
    exposed = personal_places(text) if public else ()
    return {
        "thanks": _present(signs["gratitude"], folded),
        "apology": _present(signs["apology"], folded),
        "no_banned_words": _absent(signs["banned"], folded),
        "no_data_asked_in_public": ReplyCheck(
            ok=asked is None, evidence=asked.group() if asked else None
        ),
        "no_data_shown_in_public": ReplyCheck(ok=not exposed),
    }


def _present(words: re.Pattern[str], folded: str) -> ReplyCheck:
    match = words.search(folded)
    return ReplyCheck(ok=match is not None, evidence=match.group() if match else None)


def _absent(words: re.Pattern[str], folded: str) -> ReplyCheck:
    match = words.search(folded)
    return ReplyCheck(ok=match is None, evidence=match.group() if match else None)

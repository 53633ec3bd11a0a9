"""What did the brand just say? The step of the play that a reply is, and how it holds up (R16)."""

from collections.abc import Mapping, Sequence
from functools import partial

from schemas.classified import ReplyReview
from schemas.event import Instant
from schemas.vocabulary import Visibility
from services.classify.domain.language import language_of
from services.classify.domain.lexicon import Lexicon
from services.classify.domain.reading import fold, read
from services.classify.domain.reply_checks import Reply, steps
from services.classify.domain.reply_faults import LIMITS, faults
from services.classify.domain.reply_kind import reply_kind, sentences_of
from services.classify.domain.reply_promise import promise_until
from services.classify.domain.reply_words import ReplySigns
from services.classify.domain.rule_judge import NEAREST

CYRILLIC = ("ru", "bg")


class Reviewer:
    """Reviews replies by the words of the lexicons."""

    def __init__(self, lexicons: Mapping[str, Lexicon]) -> None:
        self._lexicons = lexicons

    def review_reply(
        self,
        text: str,
        *,
        said_at: Instant | None = None,
        visibility: Visibility,
        platform: str | None = None,
        to: str | None = None,
    ) -> ReplyReview:
        """The kind of a reply, its checks and the instant that it promises, if any."""
        sentences = sentences_of(fold(text))
        words = self._words(text, sentences)
        reply = Reply(
            text=text,
            sentences=sentences,
            kind=reply_kind(sentences, words),
            words=words,
            limit=LIMITS.get(platform or ""),
            to=to,
        )
        public = visibility is not Visibility.private
        return ReplyReview(
            kind=reply.kind,
            checks={**steps(reply), **faults(reply, public=public)},
            promise_until=promise_until(sentences, words, said_at),
        )

    def _words(self, text: str, sentences: Sequence[str]) -> ReplySigns:
        """The words of its language; a short Cyrillic reply is in the one whose words it shows."""
        lang = language_of(read(text).folded, None)
        lang = NEAREST.get(lang, lang)
        likely = (lang, *CYRILLIC) if lang in CYRILLIC else (lang,)
        return max((self._lexicons[one].replies for one in likely), key=partial(_shown, sentences))


def _shown(sentences: Sequence[str], words: ReplySigns) -> int:
    ends = words.deadlines
    signs = (*words.kinds.values(), *words.signs.values(), ends.span, ends.days, ends.weekday)
    return sum(sign.search(one) is not None for one in sentences for sign in signs)

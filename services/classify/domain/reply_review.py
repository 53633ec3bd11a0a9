"""What did the brand just say? The step of the play that a reply is, and how it holds up (R16)."""

from collections.abc import Sequence
from functools import partial

from schemas.classified import ReplyReview
from schemas.event import Instant
from schemas.limits import REPLY_LIMITS
from schemas.vocabulary import Visibility
from services.classify.domain.eye import NEAREST, Eye
from services.classify.domain.reading import fold
from services.classify.domain.reply_checks import Reply, steps
from services.classify.domain.reply_faults import faults
from services.classify.domain.reply_kind import reply_kind, sentences_of
from services.classify.domain.reply_promise import promise_until
from services.classify.domain.reply_words import ReplySigns

CYRILLIC = ("ru", "bg")


class Reviewer:
    """Reviews replies by the words of the lexicons."""

    def __init__(self, eye: Eye) -> None:
        self._eye = eye

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
            limit=REPLY_LIMITS.get(platform or ""),
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
        seen = self._eye.language_of(text)
        lang = NEAREST.get(seen, seen)
        likely = (lang, *CYRILLIC) if lang in CYRILLIC else (lang,)
        return max(
            (self._eye.lexicons[one].replies for one in likely), key=partial(_shown, sentences)
        )


def _shown(sentences: Sequence[str], words: ReplySigns) -> int:
    ends = words.deadlines
    signs = (*words.kinds.values(), *words.signs.values(), ends.span, ends.days, ends.weekday)
    return sum(sign.search(one) is not None for one in sentences for sign in signs)

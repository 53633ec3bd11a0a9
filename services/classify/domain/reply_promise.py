"""Does a reply promise something by a time? Then that time opens a commitment (R67)."""

import re
from collections.abc import Sequence
from datetime import UTC, timedelta

from schemas.event import Instant
from services.classify.domain.reply_deadline import deadline_in, without_deadline
from services.classify.domain.reply_words import ReplySigns

WORD = re.compile(r"\w+")
LONGEST_PROMISE = timedelta(days=60)


def promise_until(
    sentences: Sequence[str], words: ReplySigns, said_at: Instant | None
) -> Instant | None:
    """The earliest promised instant after ``said_at``; none without one, in the past or too far.

    Days end in the time zone that ``said_at`` carries; in the stream that is UTC. "We will try" is
    a promise too; a question, what the customer should do by then, and opening hours are none.
    """
    if said_at is None:
        return None
    pairs = zip(sentences, ("", *sentences), strict=False)
    clauses = [clause for one, before in pairs for clause in _promising(one, before, words)]
    named = [deadline_in(clause, said_at, words.deadlines) for clause in clauses]
    due = [one for one in named if one and said_at < one <= said_at + LONGEST_PROMISE]
    return min(due).astimezone(UTC) if due else None


def _promising(sentence: str, before: str, words: ReplySigns) -> list[str]:
    """The clauses in which the brand says what it will do, and those that only add the time."""
    deadlines = words.deadlines
    if sentence.endswith("?") or deadlines.signs["cannot"].search(sentence):
        return []
    around = f"{before} {sentence}" if _is_only_a_time(sentence, words) else sentence
    if not _commits(around, words):
        return []
    return [
        clause
        for clause in deadlines.joint.split(sentence)
        if not deadlines.signs["schedule"].search(clause)
        and (_commits(clause, words) or _is_only_a_time(clause, words))
    ]


def _commits(clause: str, words: ReplySigns) -> bool:
    plain = words.signs["feelings"].sub(" ", clause)
    return any(
        sign.search(plain) for sign in (words.deadlines.signs["commits"], words.ends["commit"])
    )


def _is_only_a_time(clause: str, words: ReplySigns) -> bool:
    return len(WORD.findall(without_deadline(clause, words.deadlines))) <= 1

"""What does the demo tell of all posts together? Where each went, and what was set aside."""

from collections import Counter
from collections.abc import Iterator

from deploy.demo.record import Record, Story, letters
from deploy.demo.report import first_answer
from schemas.classified import ClassifiedPost
from schemas.decisions import Decision
from schemas.posts import SocialPost
from schemas.vocabulary import Disposition

_SILENT = {
    Disposition.listen,
    Disposition.ignore_spam,
    Disposition.no_reply_insult,
    Disposition.no_reply_unresolvable,
}


def totals(record: Record, accepted: int) -> str:
    """The one line of sums; ``accepted`` is how many posts ingest took with a 2xx."""
    silent = _silent(record.stories())
    reasons = all(s.decision.reasons for s in silent)
    decisions, kept = record.of(Decision), {post.event_id for post in record.of(SocialPost)}
    deleted = sum(c.post.event_id not in kept for c in record.of(ClassifiedPost))
    return (
        f"{accepted} posts = {len(decisions)} decisions · {len(silent)} need no answer, "
        f"{'each with a reason' if reasons else 'NOT ALL WITH A REASON'} · "
        f"{accepted - len(decisions)} lost · {deleted} deleted · "
        f"{len(letters(record))} poison records kept"
    )


def parts(record: Record) -> str:
    """What the decided posts are: the parts add up to the decisions."""
    stories, decided = record.stories(), len(record.of(Decision))
    silent = len(_silent(stories))
    loud = [s.decision.ticket_id for s in stories if s.decision.disposition not in _SILENT]
    opened = len(set(loud))
    return (
        f"{decided} = {opened} that open a case + {len(loud) - opened} more in one of these + "
        f"{silent} that need no answer + {decided - len(stories)} of the company itself"
    )


def cases(record: Record) -> str:
    """How many cases there were, and how the first answer to each fared."""
    found = {s.ticket.id: first_answer(s) for s in record.stories() if s.ticket}
    fared = Counter(found.values())
    told = ", ".join(f"{n} {how}" for how, n in fared.most_common())
    return f"{len(found)} cases, the first answer to each: {told or '-'}"


def silences(record: Record) -> Iterator[str]:
    """Why nobody answers: the rules that say so, how often, and their reasons."""
    silent = [s.decision for s in _silent(record.stories())]
    for (rule, reason), count in Counter((d.rule_id, d.reasons[0]) for d in silent).most_common():
        yield f"   {count:>2} x {rule:<9} {reason}"


def summary(record: Record, accepted: int) -> Iterator[str]:
    """All of the sums, a line each."""
    yield "\n" + totals(record, accepted)
    yield from silences(record)
    yield parts(record)
    yield cases(record)


def dead(record: Record) -> Iterator[str]:
    """Each dead letter with its reason."""
    for letter in letters(record):
        yield f"   {letter.service:<9} {letter.reason:<13} {letter.detail}"


def _silent(stories: list[Story]) -> list[Story]:
    return [story for story in stories if story.decision.disposition in _SILENT]

"""What does each figure of a report count? One sentence each, and where the wish comes from."""

from collections.abc import Iterator, Mapping

from services.notify.domain.report import COUNT, PER_CASE, PERCENT, SECONDS, SORTS
from services.notify.reports.words import Language, words

_UNITS = {PERCENT: "%", COUNT: "count", SECONDS: "seconds", PER_CASE: "per case"}
INTRODUCTION = (
    "What `report` and `GET /v1/report` tell. Counts add up over brands and teams; shares have",
    "their part and whole beside them, so that they do as well. Nothing is estimated but the",
    "outlook. A period is a day or a month of UTC; figures of the past change when facts come",
    "late or a case is opened again, because they are always counted anew. How to read one:",
    "[read-a-report.md](read-a-report.md).",
)
ABOUT: Mapping[str, tuple[str, str]] = {
    "attainment": (
        "Clocks that started in the period and were met, of those met, broken, or open and overdue"
        " by the pipeline's slowest tick; cancelled ones are in neither. Goal: `GOALS`",
        "R98, N12",
    ),
    "answered_within": (
        "First and next answers within a bound, of all that were answered or have waited for longer"
        " than it; by the clock since the customer's words, or in working time. Goal: `BOUND_GOALS`"
        " for first answers",
        "K1, R98",
    ),
    "not_due": ("Clocks that started in the period, run, and are not late yet", "R98, N12"),
    "response_time": (
        "How long answers took, the time that half, 90 and 95 of 100 stayed within (nearest rank);"
        " answered ones only: see `answered_within` for those that wait",
        "R97, R99",
    ),
    "answers_by_time": ("How many answers took up to so long and longer than the row above", "R97"),
    "posts": ("What customers wrote in the period", "R50, R95"),
    "new_source": ("The same from places of which nothing was known before", "R50"),
    "opened": ("Cases whose first words lie in the period", "R95, R96"),
    "handled": ("Cases to which a person first said a word in the period; no bot counts", "R94"),
    "handled_by_topic": ("The same by topic", "R94"),
    "handled_by_source": ("The same by source", "R94"),
    "closed": ("Cases that were closed in the period and are closed still", "R96"),
    "backlog": ("Cases open at the end of the period, or at the tick, by their age then", "R95"),
    "handling_time": ("From the first words to the end of cases closed in the period", "R106"),
    "dispositions": ("What was decided of customers' posts, by their last revision", "R1"),
    "answered_posts": ("Customers' posts whose case has a word of ours since, of all", "R106"),
    "stepped_in": (
        "The same of posts that neither spoke to us nor of us. Ceiling: `CEILINGS`",
        "R19, N10",
    ),
    "tones": ("Customers' posts by tone: the mix of praise and complaint", "R29, R103"),
    "marketing_requests": (
        "Cases that came in by a marketing channel, of those opened",
        "R49, R50",
    ),
    "hand_over_time": (
        "From the first words to the first hand-over of cases that came in by marketing",
        "R51, R60",
    ),
    "unanswered_requests": (
        "Questions, complaints and requests that spoke to us, without a word of ours since",
        "R107",
    ),
    "unanswered_share": (
        "Those without a word for a day, of all that were answered or are as old. Ceiling:"
        " `CEILINGS`; the source names 15 % as what is lost to silence, and no forecast is made",
        "R35, R107",
    ),
    "outcomes": ("How cases closed in the period ended, as their last words or a person say", "R8"),
    "quick_and_solved": (
        "Cases opened in the period whose first answer was in time and that were closed with the"
        " customer not angrier, of those closed or late",
        "R102",
    ),
    "negative_turned": (
        "Cases first answered in the period whose customer was negative before our first word and"
        " is not in the last words after it; silence is not turned",
        "R104",
    ),
    "crisis_tone": (
        "Negative posts of a topic from its first to its last hot post in the period, and in the"
        " seven days after",
        "R109",
    ),
    "resolved_in_channel": (
        "Cases closed in the period with a word of ours, none of which sent the customer elsewhere",
        "R71, R72",
    ),
    "tone_before_after": ("Tone before our first word and in the last words after it", "R101"),
    "reply_quality": ("Checks that our replies passed, of those they had to pass", "R90, N9"),
    "reply_check": ("Replies that failed a check, of those that had to pass it", "R90"),
    "redirects": (
        "Replies that send the customer to another channel without cause, a case answered. Ceiling:"
        " `CEILINGS`",
        "R72",
    ),
    "corrected": (
        "Cases opened in the period of which a person judged otherwise than was decided",
        "N7",
    ),
    "expected_cases": (
        "Cases a day of the week after the period: a straight line through the weeks' means of the"
        " eight weeks before, times how a weekday differs; nothing of less than two weeks",
        "R105",
    ),
    "people_needed": ("The same by `CASES_PER_PERSON`, rounded up", "R105"),
}


def lines() -> Iterator[str]:
    """The page; raises ``KeyError`` where a figure has no sentence."""
    yield from INTRODUCTION
    told, section = words(Language.en), ""
    for name, sort in SORTS.items():
        if sort.section != section:
            section = sort.section
            yield from ("", f"## {told.sections[section]}", "")
            yield "| figure | unit | by | counts | source |"
            yield "|---|---|---|---|---|"
        about, source = ABOUT[name]
        by = ", ".join(sort.by)
        cells = (f"`{name}` {told.figures[name]}", _UNITS[sort.unit], by, f"{about}.", source)
        yield f"| {' | '.join(cells)} |"

"""A day as route records it: 500 posts in three languages through the real desk."""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

import msgspec

from schemas.classified import ClassifiedPost, Part
from schemas.decisions import Decision
from schemas.event import Event, encode
from schemas.posts import Author
from schemas.tickets import TicketEvent
from schemas.vocabulary import Addressed, CaseTopic, Disposition, Flag, Intent
from services.route.domain.book import Book
from services.route.domain.desk import Desk, Rules, Seat
from services.route.domain.policy_file import read_policy
from services.route.settings import read_needs
from tests.builders import MONDAY, a_classified, a_post, minutes

T = TypeVar("T")
DEFAULT = Path("tests/unit/route/day_policy.yaml").read_text(encoding="utf-8")
MIDNIGHT = MONDAY - minutes(600)
TEXTS = {
    "ru": "Третий день без денег, верните!",
    "bg": "Къде ми е пратката?",
    "en": "Where is my money?",
}
POSTS = 500
TOPICS = [topic for topic in CaseTopic if topic is not CaseTopic.unknown]
BURST = range(200, 260)
"""These come within a quarter of an hour and on one topic."""


def drawn(n: int, what: str, options: Sequence[T]) -> T:
    """One of the options, by the number of the post and what is asked: no chance in it."""
    return options[int(sha256(f"{n}:{what}".encode()).hexdigest()[:8], 16) % len(options)]


def day(text: str = DEFAULT, count: int = POSTS) -> list[Decision | TicketEvent]:
    """What route says of the day under a policy."""
    book = Book()
    rules = Rules(policy=read_policy(text), seq=1, needs=read_needs())
    return [
        out
        for n in range(count)
        for out in Desk(
            a_classified_post(n),
            book,
            rules,
            Seat(partition=3, replayed=drawn(n, "replayed", [False] * 15 + [True])),
        ).settle()
    ]


def as_lines(events: Sequence[Event]) -> list[str]:
    """The events as an export has them, one from the future among them."""
    return [*(encode(event).decode() for event in events), '{"type":"Later","event_id":"x"}']


def a_classified_post(n: int) -> ClassifiedPost:
    at = MIDNIGHT + minutes(BURST[0] * 3 + n // 4 if n in BURST else n * 1440 // POSTS)
    lang = drawn(n, "lang", ["ru", "bg", "en"])
    late = minutes(drawn(n, "late", [0, 0, 0, 0, 5, 180]))
    own = drawn(n, "own", [False] * 19 + [True])
    followers = drawn(n, "followers", [None, 3, 900, 7_000, 2_000_000])
    author = Author(id=f"a{drawn(n, 'author', range(60))}", followers=followers, is_brand=own)
    post = a_post(
        f"p{n}",
        at=at,
        author=author,
        text=TEXTS[lang],
        received_at=at + late,
        backfill=drawn(n, "backfill", [False] * 9 + [True]),
        thread_id=f"t{drawn(n, 'thread', range(300))}",
    )
    return a_classified(post, **_axes(n, lang))


def _axes(n: int, lang: str) -> dict[str, object]:
    parts, urgency = _parts(n)
    return {
        "lang": lang,
        "addressed": drawn(n, "addressed", [Addressed.direct] * 3 + [Addressed.mention]),
        "intent": drawn(n, "intent", [i for i in Intent if i is not Intent.unknown]),
        "topic": CaseTopic.outage_availability if n in BURST else drawn(n, "topic", TOPICS),
        "rude": drawn(n, "rude", [False, False, True]),
        "fair_claim": drawn(n, "fair", [False, True]),
        "flags": drawn(n, "flags", [(), (), (), (), (Flag.churn,), (Flag.churn, Flag.legal)]),
        "urgency": urgency,
        "urgency_band": min(3, urgency // 25),
        "parts": parts,
        "disposition": Disposition.listen,
    }


def _parts(n: int) -> tuple[tuple[Part, ...], int]:
    """Parts that sum to the urgency; classify has a clamp of its own."""
    points = [drawn(n, f"part{k}", [0, 5, 12, 30, 55]) for k in range(3)]
    parts = [Part(name=f"part{k}", points=p, why="as drawn") for k, p in enumerate(points)]
    over = sum(points) - 100
    if over > 0:
        parts.append(Part(name="clamp", points=-over, why="urgency ends at 100"))
    return tuple(parts), min(100, sum(points))


def changed_policy() -> str:
    """The default policy after a busy afternoon: a bit of everything that can be changed."""
    text = DEFAULT
    for old, new in _EDITS:
        assert text.count(old) >= 1, old
        text = text.replace(old, new)
    return text


def decisions(events: Sequence[Event]) -> list[Decision]:
    return [event for event in events if isinstance(event, Decision)]


def with_clamp(decision: Decision) -> bool:
    return any(part.name == "clamp" for part in decision.parts)


def same(one: Decision, **changes: object) -> Decision:
    return msgspec.structs.replace(one, **changes)


_EDITS = (
    ("minimum: 10", "minimum: 4"),
    (
        'sat: "10:00-15:00"}}',
        'sat: "10:00-15:00"}, overrides: {"2026-03-03": "11:00-12:30", "2026-03-04": ""}}',
    ),
    (
        "same-day: {calendar: office, first_response: 2h",
        "same-day: {calendar: office, first_response: 90m",
    ),
    ("people: [vera, gleb]", "people: [vera, gleb, rada]"),
    ("request], urgency_band: 3}", "request], urgency_band: [2, 3]}"),
    (
        "then: {disposition: public_ack_then_private, team: care, priority: high, "
        "sla: rude-but-fair}",
        "then: {disposition: public_ack_then_private, team: lead, priority: critical, "
        "sla: rude-but-fair, alert: now}",
    ),
    (
        "team: care, priority: high, sla: rude-but-fair, alert: none",
        "team: lead, priority: critical, sla: rude-but-fair, alert: now",
    ),
    (
        "  - id: praise\n",
        """  - id: crowd
    why: Somebody with an audience may get a call one day; for now we only count.
    when: {followers: ">= 5000", intent: [praise, talk]}
    then: {disposition: human_review, team: lead, priority: high, sla: minutes, alert: now}
    mode: monitor
    tests:
      - {post: "!", facts: {followers: 9000, intent: talk}, gives: {rule: crowd}}
      - {post: "!", facts: {followers: 9, intent: talk}, gives: {rule: talk}}
  - id: praise
""",
    ),
    (
        "then: {disposition: thank, team: care, priority: low, sla: thanks}",
        "then: {disposition: thank, team: care, priority: low, sla: thanks, alert: digest}",
    ),
    (
        "priority: low, sla: thanks, alert: none",
        "priority: low, sla: thanks, alert: digest",
    ),
    (
        "then: {disposition: no_reply_insult}",
        "then: {disposition: human_review, team: care, sla: thanks, "
        "suggestion: no_reply_unresolvable}",
    ),
    (
        "gives: {rule: insult, disposition: no_reply_insult, priority: low, alert: none}",
        "gives: {rule: insult, disposition: human_review}",
    ),
)

"""How good is the reply check? Measured over golden replies, for a page of docs and a test."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import msgspec
import yaml

from schemas.event import Instant
from schemas.vocabulary import ReplyKind, Visibility
from services.classify.domain.reply_review import Reviewer
from services.classify.model_files import read_minds
from services.classify.settings import MODEL, read_lexicons

GOLDEN = Path(__file__).parents[1] / "tests/unit/classify/replies"
SAID_AT = datetime(2026, 3, 4, 9, tzinfo=UTC)
LANGUAGES = ("ru", "bg", "en")
PROMISE = "promise_until"
INTRODUCTION = """\
Measured over golden replies in `tests/unit/classify/replies`; what each check means is in
[check-a-reply.md](check-a-reply.md).

Of what a check calls a fault, precision is the share that is one; of all faults, recall is the
share that was found. A promise is right only at the very instant. The words were chosen by most of
these replies, so the row `unseen` says what to expect: no word and no rule was chosen by those.
""".splitlines()


class Golden(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A reply, and what a person finds in it."""

    kind: ReplyKind
    text: str
    fails: tuple[str, ...] = ()
    until: Instant | None = None
    to: str | None = None
    platform: str | None = None
    visibility: Visibility = Visibility.public
    unseen: bool = False


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What the check said of a golden reply; faults include a promise that is not the right one."""

    golden: Golden
    kind: ReplyKind
    right: frozenset[str]
    wrong: frozenset[str]
    missed: frozenset[str]


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """How often a fault was rightly found, found where there is none, and missed."""

    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        """The share of what was found that is there; 1 where nothing was found."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        """The share of what is there that was found; 1 where nothing is."""
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0


def read_golden(lang: str) -> list[Golden]:
    """The golden replies of a language."""
    rows = yaml.load((GOLDEN / f"{lang}.yaml").read_text("utf-8"), Loader=yaml.CBaseLoader)  # noqa: S506 - makes text only
    return msgspec.convert(rows, list[Golden], strict=False)


@cache
def found(lang: str) -> tuple[Found, ...]:
    """What the check says of every golden reply of a language."""
    reviewer = Reviewer(read_minds(MODEL, read_lexicons()).eye)
    return tuple(_found(reviewer, golden) for golden in read_golden(lang))


def _found(reviewer: Reviewer, golden: Golden) -> Found:
    review = reviewer.review_reply(
        golden.text,
        said_at=SAID_AT,
        visibility=golden.visibility,
        platform=golden.platform,
        to=golden.to,
    )
    said = {name for name, check in review.checks.items() if not check.ok}
    said |= {PROMISE} if review.promise_until else set()
    wanted = {*golden.fails, *((PROMISE,) if golden.until else ())}
    right = said & wanted
    if golden.until != review.promise_until:
        right -= {PROMISE}
    return Found(
        golden=golden,
        kind=review.kind,
        right=frozenset(right),
        wrong=frozenset(said - right),
        missed=frozenset(wanted - right),
    )


def scores(results: Iterable[Found]) -> Mapping[str, Score]:
    """The score of every check that should or did find something, by name."""
    rows = list(results)
    names = sorted({name for row in rows for name in (*row.right, *row.wrong, *row.missed)})
    return {name: _score(rows, [name]) for name in names}


def total(results: Iterable[Found]) -> Score:
    """The score of all checks together."""
    rows = list(results)
    return _score(rows, list(scores(rows)))


def _score(rows: Sequence[Found], names: Sequence[str]) -> Score:
    return Score(
        right=sum(name in row.right for row in rows for name in names),
        wrong=sum(name in row.wrong for row in rows for name in names),
        missed=sum(name in row.missed for row in rows for name in names),
    )


def lines() -> Iterator[str]:
    """The generated page."""
    yield from (*INTRODUCTION, "")
    results = [one for lang in LANGUAGES for one in found(lang)]
    yield "| | replies | kind right | precision | recall |"
    yield "|---|---|---|---|---|"
    for lang in LANGUAGES:
        yield _summary(lang, found(lang))
    yield _summary("unseen", [one for one in results if one.golden.unseen])
    yield ""
    yield "| check | found rightly | found wrongly | missed | precision | recall |"
    yield "|---|---|---|---|---|---|"
    for name, score in scores(results).items():
        counts = f"{score.right} | {score.wrong} | {score.missed}"
        yield f"| `{name}` | {counts} | {score.precision:.2f} | {score.recall:.2f} |"


def _summary(name: str, results: Sequence[Found]) -> str:
    kinds = sum(one.kind is one.golden.kind for one in results)
    score = total(results)
    return f"| {name} | {len(results)} | {kinds} | {score.precision:.2f} | {score.recall:.2f} |"

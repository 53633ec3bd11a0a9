"""How good is a model, axis by axis? The same table for languages, real posts and clear ones.

A post that was trained on is judged by heads that did not see it (``held.jsonl``, by the hash of
its text); any other by the model as it ships.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from schemas.classified import Classification
from services.classify.domain.classify import LocalWhys, classify
from services.classify.domain.lexicon import Lexicon
from services.classify.domain.opinion import Judged
from services.classify.domain.rows import Row, post_of
from services.classify.domain.trained_judge import judgement_of
from services.classify.model_files import Minds, read_minds
from services.classify.training.corpora import Labelled, labelled_posts, sha1
from services.classify.training.held import Held
from services.classify.training.scores import calibration_error, f1_with_interval, ordered_pairs

AXES: Mapping[str, str] = {
    "addressed": "addressed", "intent": "intent", "tone": "tone", "rude": "rude",
    "fair_claim": "fair_claim", "urgency": "urgency_band", "topic": "topic",
    "disposition": "disposition", "personal_data": "personal_data",
    "repeat_contact": "repeat_contact", "solvable": "solvable", "strength": "strength",
}  # fmt: skip
"""The labels, and where a classification says the same."""

FEWEST = 20
"""A figure of fewer posts is not printed."""


class JudgedPost(msgspec.Struct, frozen=True, kw_only=True):
    """A labelled post and what was made of it."""

    row: Labelled
    said: Classification


Group = tuple[str, Callable[[Labelled], bool]]
GROUPS: Sequence[Group] = (
    ("all", lambda row: True),
    ("en", lambda row: row.lang == "en"),
    ("ru", lambda row: row.lang == "ru"),
    ("bg", lambda row: row.lang == "bg"),
    ("real", lambda row: row.real),
    ("written", lambda row: not row.real),
    ("clear", lambda row: not row.doubt),
)


def evaluate(data: Path, folder: Path, lexicons: Mapping[str, Lexicon], whys: LocalWhys) -> str:
    """The tables of a model on the labelled posts of a folder of data, in Markdown."""
    minds, held = read_minds(folder, lexicons), _held(folder)
    judged = [_judged(row, minds, held, whys) for row in labelled_posts(data)]
    half = [post for post in judged if post.row.half]
    parts = [("The development half", half), ("All labelled posts", judged)]
    return "\n".join(line for title, posts in parts if posts for line in _table(title, posts))


def _held(folder: Path) -> Mapping[str, Held]:
    path = folder / "held.jsonl"
    lines = path.read_bytes().splitlines() if path.exists() else []
    return {one.sha1: one for one in map(msgspec.json.Decoder(Held).decode, lines)}


def _judged(row: Labelled, minds: Minds, held: Mapping[str, Held], whys: LocalWhys) -> JudgedPost:
    seen, unseen = minds.eye.see(row.text), held.get(sha1(row.text)[:16])
    if unseen:
        found = judgement_of(unseen.reads(), seen, unseen.haste())
    else:
        found = minds.judge.judge(row.text, None)
    judge = Judged(text=row.text, judgement=found, model=minds.judge.model)
    post = post_of(Row(id=row.id, text=row.text))
    return JudgedPost(row=row, said=classify(post, judge, whys))


def _table(title: str, posts: Sequence[JudgedPost]) -> Iterator[str]:
    groups = [(name, [post for post in posts if fits(post.row)]) for name, fits in GROUPS]
    groups = [(name, some) for name, some in groups if len(some) >= FEWEST]
    yield f"\n## {title}\n"
    yield "| axis | " + " | ".join(f"{name} ({len(some)})" for name, some in groups) + " | ECE |"
    yield "|---|" + "---|" * (len(groups) + 1)
    for axis in AXES:
        figures = [str(_score(axis, some)).strip() for _, some in groups]
        yield f"| {axis} | " + " | ".join(figures) + f" | {_calibration(axis, posts)} |"
    order = [f"{_order(some):.1f}" for _, some in groups]
    yield "| order of urgency | " + " | ".join(order) + " | |"


def _score(axis: str, posts: Sequence[JudgedPost]) -> object:
    gold = [post.row.says(axis) for post in posts]
    return f1_with_interval(gold, [_said(axis, post) for post in posts])


def _said(axis: str, post: JudgedPost) -> str:
    return str(getattr(post.said, AXES[axis])).lower()


def _calibration(axis: str, posts: Sequence[JudgedPost]) -> str:
    sure = [post.said.confidence.get(axis) for post in posts]
    known = [(post, one) for post, one in zip(posts, sure, strict=True) if one is not None]
    if not known:
        return ""
    right = [_said(axis, post) == post.row.says(axis) for post, _ in known]
    return f"{calibration_error(right, [one for _, one in known]):.3f}"


def _order(posts: Sequence[JudgedPost]) -> float:
    return ordered_pairs(
        [post.row.urgency for post in posts],
        [post.said.urgency for post in posts],
        [post.row.lang for post in posts],
    )

"""Which page says how well the flags are found? docs/flags.md, measured on hand-labelled posts."""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
import yaml

from services.classify.domain.judge import Judgement
from services.classify.model_files import read_minds
from services.classify.settings import MODEL, read_lexicons

GOLDEN = Path(__file__).parents[1] / "tests/unit/classify/flags_golden.yaml"
FLAGS = ("self_harm", "safety", "legal", "press", "campaign", "churn")


class Labelled(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A post and the flags that a person gave it."""

    id: str
    flags: tuple[str, ...]
    text: str


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """How often a flag was found, which posts miss it and which have it wrongly."""

    found: int
    missed: tuple[str, ...]
    wrong: tuple[str, ...]

    @property
    def precision(self) -> float:
        """The share of the flagged that ought to be."""
        return self.found / max(1, self.found + len(self.wrong))

    @property
    def recall(self) -> float:
        """The share found of those that ought to be."""
        return self.found / max(1, self.found + len(self.missed))


def golden() -> Mapping[str, tuple[Labelled, ...]]:
    """The labelled posts by language."""
    content = yaml.safe_load(GOLDEN.read_text("utf-8"))
    return msgspec.convert(content, dict[str, tuple[Labelled, ...]])


def measured() -> dict[tuple[str, str], Figures]:
    """The figures of each flag in each language; the language is not told, as in most posts."""
    judge = read_minds(MODEL, read_lexicons()).judge
    found: dict[tuple[str, str], Figures] = {}
    for lang, posts in golden().items():
        shown = [(post, _flags(judge.judge(post.text, None))) for post in posts]
        found.update({(lang, flag): _figures(flag, shown) for flag in FLAGS})
    return found


def lines() -> Iterator[str]:
    """The page."""
    sizes = {lang: Counter(bool(post.flags) for post in posts) for lang, posts in golden().items()}
    yield "A flag brings in a person and decides nothing else. Precision (P), recall (R) on posts"
    yield "written and labelled by hand; the words of the lexicons were chosen with them in view."
    yield "Others are found less: of 45 that told of danger without naming it 7 were found, before"
    yield "they joined the set."
    yield ""
    heads = [f"{lang} ({size[True]} with, {size[False]} without)" for lang, size in sizes.items()]
    yield f"| flag | {' | '.join(heads)} |"
    yield f"|---|{'---|' * len(heads)}"
    figures = measured()
    for flag in FLAGS:
        yield f"| `{flag}` | {' | '.join(_cell(figures[lang, flag]) for lang in sizes)} |"


def _flags(judged: Judgement) -> set[str]:
    campaign = {"campaign"} if judged.suspected_campaign else set()
    return campaign | {flag.value for flag in judged.flags}


def _figures(flag: str, shown: list[tuple[Labelled, set[str]]]) -> Figures:
    wanted = [(post, found) for post, found in shown if flag in post.flags]
    return Figures(
        found=sum(flag in found for _, found in wanted),
        missed=tuple(post.id for post, found in wanted if flag not in found),
        wrong=tuple(post.id for post, found in shown if flag in found and flag not in post.flags),
    )


def _cell(figures: Figures) -> str:
    return f"P {figures.precision:.0%} R {figures.recall:.0%}"

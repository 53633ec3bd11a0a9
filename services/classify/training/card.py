"""What is a model made of and how good is it on the larger sets? The card beside its files."""

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from services.classify.domain.model import Header
from services.classify.training.corpora import LICENCES, Corpora
from services.classify.training.heads import Fitted
from services.classify.training.lessons import ABUSE, CLASSES
from services.classify.training.scores import f1_of_each, macro_f1

NEUTRAL = {"interested": "neutral", "indifferent": "neutral"}
OTHERS = "a public data set, see the sets below; text is not kept"


def card(found: Corpora, fitted: Sequence[Fitted], header: Header) -> Iterator[str]:
    """The card in Markdown."""
    yield f"# Model `{header.name}` {header.version}, profile `{header.profile}`\n"
    yield "Linear heads over hashed character 2-5 grams, words and pairs of words, and the cues of"
    yield "the lexicons. Written by `python -m services.classify train`; do not edit.\n"
    yield from _labelled(found)
    yield from _natives(found)
    yield from _honest(found, {head.axis: head for head in fitted})
    yield from KNOWN_FAILURES


def _labelled(found: Corpora) -> Iterator[str]:
    counts = Counter((row.source, row.real) for row in found.labelled)
    yield "## Posts labelled by the guide\n\n| source | posts | text |\n|---|---|---|"
    for (source, real), count in sorted(counts.items()):
        yield f"| {source} | {count} | {OTHERS if real else 'written for this project'} |"


def _natives(found: Corpora) -> Iterator[str]:
    counts = Counter(row.source for row in found.natives)
    yield "\n## Larger sets, with their own labels\n"
    yield "| set | texts | licence | commercial use |\n|---|---|---|---|"
    for source, count in sorted(counts.items()):
        licence, free = LICENCES[source]
        yield f"| {source} | {count} | {licence} | {'yes' if free else 'no'} |"


def _honest(found: Corpora, heads: dict[str, Fitted]) -> Iterator[str]:
    """Figures on the larger sets by heads that did not see the text (four parts)."""
    yield "\n## On the larger sets, by heads that did not see the text\n"
    yield "| set | question | macro-F1 | by class |\n|---|---|---|---|"
    sources = np.array([row.source for row in found.natives])
    kinds = np.array([row.file.split(".")[0] for row in found.natives])
    labels = np.array([row.label for row in found.natives])
    for kind, axis in (("tone", "tone"), ("abuse", "rude")):
        said = _said(heads[axis], len(found.labelled))
        for source in np.unique(sources[kinds == kind]):
            mine = (sources == source) & (kinds == kind)
            yield _row(source, axis, _plain(labels[mine]), _plain(said[mine]))


def _said(head: Fitted, labelled: int) -> NDArray[np.str_]:
    said: NDArray[np.str_] = np.array(CLASSES[head.axis])[head.best()[labelled:]]
    return said


def _plain(words: NDArray[np.str_]) -> list[str]:
    return [NEUTRAL.get(word, ABUSE.get(word, word)) for word in words]


def _row(source: str, axis: str, gold: list[str], said: list[str]) -> str:
    told = ", ".join(f"{word} {share:.0f}" for word, share in f1_of_each(gold, said).items())
    return f"| {source} | {axis} | {macro_f1(gold, said):.1f} | {told} |"


KNOWN_FAILURES = (
    "\n## Known failures\n",
    "- Irony, and praise with an edge, is often read by its words.",
    "- `interested` against `negative`: a pressing question without anger is taken for either.",
    "- Topics of news about a brand; `safety` and `fraud_security` in posts that tell of others.",
    "- Danger and self-harm that no word names: docs/flags.md says how little is found.",
    "- A film or forum comment with no brand in it may be called a mention.",
)

"""How does the language model learn? From texts of known language, whole and cut short."""

from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

import numpy as np
import yaml
from scipy.sparse import csr_matrix
from sklearn.svm import LinearSVC

from services.classify.domain.grams import CHARACTERS, normal, pieces_in
from services.classify.domain.language import CLASSES, CYRILLIC, LETTERS, Languages
from services.classify.domain.reading import fold, read
from services.classify.training.corpora import Corpora
from services.classify.training.matrix import sparse
from services.classify.training.quantised import quantised

HERE = Path(__file__).parent
PENALTY = 3.0
SHORT, WINDOW = 3, 4
"""Every text is also shown by its first words: short posts are the hardest."""
MOST_OF_A_FILE = 1500


def trained_languages(corpora: Corpora) -> Languages:
    """The language model; every language weighs the same."""
    texts, names = zip(*_texts(corpora), strict=True)
    machine = LinearSVC(C=PENALTY, class_weight="balanced", tol=1e-3, max_iter=3000, random_state=0)
    machine.fit(_rows(texts), names)
    order = [list(machine.classes_).index(name) for name in CLASSES]
    table, scales = quantised(machine.coef_[order].T)
    offsets = machine.intercept_[order].astype(np.float32)
    return Languages(table=np.ascontiguousarray(table), scales=scales, offsets=offsets)


def _texts(corpora: Corpora) -> Iterator[tuple[str, str]]:
    for text, name in _known(corpora):
        folded = read(text).folded
        yield folded, name
        words = folded.split()
        if len(words) > SHORT:
            yield " ".join(words[:SHORT]), name


def _known(corpora: Corpora) -> Iterator[tuple[str, str]]:
    own = yaml.safe_load((HERE / "languages.yaml").read_text("utf-8"))
    for name, sentences in own.items():
        yield from ((part, name) for sentence in sentences for part in _windows(sentence))
    for row in corpora.labelled:
        folded = read(row.text).folded  # tags and addresses are Latin in any language
        cyrillic = _is_cyrillic(folded)
        if cyrillic == (row.lang != "en"):
            yield row.text, row.lang
        elif row.lang != "en" and not CYRILLIC.search(folded):
            yield from ((part, f"latin_{row.lang}") for part in _windows(row.text))
        if cyrillic and row.lang != "en" and not row.real:
            yield _in_latin(row.text), f"latin_{row.lang}"
    for lang in ("ru", "bg", "en"):
        mine = [row.text for row in corpora.natives if f".{lang}" in row.file]
        step = max(1, len(mine) // MOST_OF_A_FILE)
        yield from ((text, lang) for text in mine[::step] if _is_cyrillic(text) == (lang != "en"))


def _is_cyrillic(text: str) -> bool:
    letters = [sign for sign in text if sign.isalpha()]
    return sum("а" <= sign.lower() <= "я" for sign in letters) * 2 > len(letters)


def _windows(sentence: str) -> Iterator[str]:
    """A sentence and its parts of a few words: there are not many sentences."""
    yield sentence
    words = sentence.split()
    yield from (" ".join(words[at : at + WINDOW]) for at in range(max(0, len(words) - WINDOW)))


def _in_latin(text: str) -> str:
    """Every text in one of the ways in which people write, always in the same."""
    letters = WAYS[crc32(text.encode()) % len(WAYS)]
    return "".join(letters.get(sign, sign) for sign in fold(text))


_USUAL = {cyrillic: latin for latin, cyrillic in reversed([*LETTERS.items()])} | {
    "ъ": "a", "ь": "", "ы": "y", "э": "e", "х": "h", "в": "v", "ц": "ts", "й": "y", "ж": "zh",
}  # fmt: skip
WAYS = (
    _USUAL,
    _USUAL | {"ъ": "u", "я": "q", "ж": "j", "ц": "c", "й": "i", "ч": "4", "ш": "6"},
    _USUAL | {"ъ": "y", "я": "ia", "ж": "j", "в": "w", "й": "j", "х": "kh", "ю": "u"},
)


def _rows(texts: tuple[str, ...]) -> csr_matrix:
    pieces = [pieces_in(normal(text)).buckets for text in texts]
    return sparse([some[some < CHARACTERS] for some in pieces], np.ones(CHARACTERS))

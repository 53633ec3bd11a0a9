# Three inputs that break the easy version:
# 1. a piece that stands twice in a text: the solver reads repeated columns wrongly, silently;
# 2. the same post in the labelled set and in a larger one: its own copy would judge it;
# 3. training twice, or in two processes: other weights, and nobody knows which were measured.
"""Is training repeatable, and is every post judged by heads that did not see it?"""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from services.classify.domain.grams import CHARACTERS
from services.classify.domain.model import BadModel
from services.classify.model_files import read_minds, read_model
from services.classify.settings import read_lexicons
from services.classify.training.corpora import HERE, Corpora, Labelled, Native, corpora, sha1
from services.classify.training.held import Held
from services.classify.training.lessons import FOLDS, folds
from services.classify.training.matrix import matrix_of, worths_of
from services.classify.training.train import train
from tests.unit.classify.judging import MINDS

LEXICONS = read_lexicons()
NATIVE = (
    ("tone.en", "airline", "negative", "worst flight ever, never again"),
    ("tone.en", "airline", "positive", "lovely crew, thank you all"),
    ("tone.en", "airline", "neutral", "the gate is on the second floor"),
    ("abuse.bg", "bg_toxic", "abusive", "ти си пълен глупак"),
    ("abuse.bg", "bg_toxic", "clean", "утре ще вали дъжд"),
    ("emotion.ru", "brighter", "anger", "как же это бесит"),
    ("emotion.ru", "brighter", "joy", "ура, получилось"),
    ("emotion.ru", "brighter", "none", "сегодня вторник"),
    ("emotion.ru", "brighter", "fear", "мне страшно идти домой"),
    ("emotion.ru", "brighter", "sadness", "очень грустно без тебя"),
)


@pytest.fixture(scope="module")
def few() -> Corpora:
    """Posts of our own, and ten texts of larger sets, each eight times with another number."""
    rows = (HERE / "own_short.jsonl").read_bytes().splitlines()
    labelled = tuple(msgspec.json.decode(row, type=Labelled) for row in rows)
    natives = tuple(
        Native(file=file, source=source, label=label, text=f"{text} {number}")
        for number in range(8)
        for file, source, label, text in NATIVE
    )
    return Corpora(labelled=labelled, natives=natives)


@pytest.fixture(scope="module")
def model(few: Corpora, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of them."""
    out = tmp_path_factory.mktemp("model")
    train(few, out, "full", LEXICONS, lambda _: None)
    return out


def test_the_same_texts_give_the_same_bytes(few: Corpora, model: Path, tmp_path: Path) -> None:
    train(few, tmp_path, "full", LEXICONS, lambda _: None)

    names = sorted(path.name for path in model.iterdir())
    assert "CARD.md" in names
    for name in names:
        assert (tmp_path / name).read_bytes() == (model / name).read_bytes(), name


def test_what_was_trained_judges_as_it_was_taught(few: Corpora, model: Path) -> None:
    """Of posts that it saw, nearly all: an error in folding weights would leave chance."""
    judge = read_minds(model, LEXICONS).judge
    right = [judge.judge(row.text, None).intent == row.intent for row in few.labelled]

    assert sum(right) / len(right) > 0.95


def test_every_labelled_post_is_held_out_once(few: Corpora, model: Path) -> None:
    lines = (model / "held.jsonl").read_bytes().splitlines()
    held = {one.sha1: one for one in map(msgspec.json.Decoder(Held).decode, lines)}
    right = [held[sha1(row.text)[:16]].reads()["intent"].says == row.intent for row in few.labelled]

    assert 0.35 < sum(right) / len(right) < 0.9  # better than chance, worse than by heart


def test_a_repeated_piece_is_one_value_of_a_row() -> None:
    seen = [MINDS.eye.see("да да да да"), MINDS.eye.see("")]
    rows = matrix_of(seen, worths_of(seen))

    assert rows.has_canonical_format
    assert np.all(np.diff(rows.indices[: rows.indptr[1]]) > 0)


def test_a_rare_word_says_more_than_one_that_stands_everywhere() -> None:
    seen = [MINDS.eye.see(text) for text in ("да", "да", "да", "пожар", "")]
    common, rare = seen[0].buckets[-1], seen[3].buckets[-1]

    worths = worths_of(seen)
    assert worths[rare] > worths[common] > worths[seen[0].buckets[0]] > 0  # a word, then letters


def test_worths_leave_the_rows_as_long_as_they_were() -> None:
    seen = [MINDS.eye.see(f"{word} беда") for word in ("раз", "два", "три")]
    words = [one.buckets[one.buckets >= CHARACTERS] for one in seen]
    letters = [one.buckets[one.buckets < CHARACTERS] for one in seen]

    worths = worths_of(seen)
    plain = sum(4 * len(np.unique(some)) for some in words)
    plain += sum(len(np.unique(some)) for some in letters)
    found = sum(float((worths[np.unique(one.buckets)] ** 2).sum()) for one in seen)
    assert found == pytest.approx(plain)


def test_copies_and_parallel_texts_are_in_one_part(few: Corpora) -> None:
    text = few.labelled[0].text
    copy = Native(file="tone.ru", source="rusentiment", text=f"{text}!", label="neutral")
    pairs = [
        msgspec.structs.replace(few.labelled[number], id=f"own:{name}{number}")
        for number in range(1, 9)
        for name in ("ru_own_c:c", "en_own_c:e", "plain_bg:")
    ]
    found = folds(Corpora(labelled=(few.labelled[0], *pairs), natives=(copy,))).tolist()

    assert found[0] == found[-1]
    assert found[1:-1:3] == found[2:-1:3] == found[3:-1:3]
    assert set(folds(few).tolist()) == set(range(FOLDS))


def test_the_permissive_profile_uses_no_text_that_is_not_free(tmp_path: Path) -> None:
    (tmp_path / "train").mkdir()
    rows = ("text,label,source", "so bad,negative,airline", "много хубав филм,positive,cinexio")
    (tmp_path / "train" / "tone.en.csv").write_text("\n".join(rows), "utf-8")

    sources = {row.source for row in corpora(tmp_path, "permissive").natives}
    assert sources == {"cinexio"}
    assert all(not row.real for row in corpora(tmp_path, "permissive").labelled)
    assert len(corpora(tmp_path, "full").natives) == 2


def test_a_model_of_other_features_is_refused(model: Path, tmp_path: Path) -> None:
    for path in model.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    header = (tmp_path / "header.json").read_text("utf-8")
    (tmp_path / "header.json").write_text(header.replace('"features": 2', '"features": 1'), "utf-8")

    with pytest.raises(BadModel, match="expected features 2, got 1"):
        read_model(tmp_path)
    with pytest.raises(BadModel, match="expected a model that `train` wrote"):
        read_model(tmp_path / "nothing")

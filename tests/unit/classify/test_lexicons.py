# Three inputs that break the easy version:
# 1. a misspelt cue in a lexicon file: a rule that silently never fires;
# 2. `no` and `1.10` as words: YAML would make a boolean and a number of them;
# 3. "нетто" beside the cue "нет": a stem must not match where a word is meant.
"""Is a lexicon read strictly, and does a cue match what it says?"""

from pathlib import Path

import pytest

from services.classify.domain.lexicon import BadLexicon
from services.classify.domain.matching import index_of
from services.classify.domain.signs import CUE_OF, TOPIC_OF
from services.classify.domain.urgency import PART_NAMES
from services.classify.settings import LEXICONS, read_lexicons


def copied(folder: Path) -> Path:
    """A folder with the shipped lexicons, to be spoilt."""
    for path in LEXICONS.glob("*.yaml"):
        (folder / path.name).write_text(path.read_text("utf-8"), "utf-8")
    return folder


@pytest.mark.parametrize(
    ("right", "wrong", "named"),
    [
        ("  insult: [", "  insolt: [", "insolt"),
        ("  churn: [", "  churn: maybe\n  x: [", "cues"),
        ("topics:\n  safety: [", "topics:\n  danger: [", "danger"),
        ("  clamp: ", "  clump: ", "clamp"),
        ("lang: ru", "lang: de", "lang"),
        ("numbers: {1: ", "numbers: {one: ", "numbers"),
        ("  banned: [", "  bannned: [", "bannned"),
    ],
)
def test_a_wrong_key_is_refused_and_named(
    tmp_path: Path, right: str, wrong: str, named: str
) -> None:
    folder = copied(tmp_path)
    text = (folder / "ru.yaml").read_text("utf-8")
    assert right in text
    (folder / "ru.yaml").write_text(text.replace(right, wrong, 1), "utf-8")

    with pytest.raises(BadLexicon, match=named):
        read_lexicons(folder)


def test_a_missing_language_is_refused(tmp_path: Path) -> None:
    (copied(tmp_path) / "bg.yaml").unlink()

    with pytest.raises(BadLexicon, match="bg"):
        read_lexicons(tmp_path)


def test_every_language_fills_every_cue_and_explains_every_part() -> None:
    for lexicon in read_lexicons().values():
        labels = {label for entries in lexicon.words.filed.values() for label, _ in entries}
        assert labels == {*CUE_OF, *TOPIC_OF}
        assert set(lexicon.whys) == set(PART_NAMES)
        assert len(set(lexicon.whys.values())) == len(PART_NAMES)


@pytest.mark.parametrize(
    ("cue", "text", "found"),
    [
        ("нет", "нет связи", True),
        ("нет", "вес нетто", False),
        ("нет", "кабинет", False),
        ("банк*", "в банкомате", True),
        ("банк*", "сбербанк", False),
        ("с карты .. сняли", "с карты сняли", True),
        ("с карты .. сняли", "с карты вчера ночью сняли", True),
        ("с карты .. сняли", "с карты. сняли квартиру", False),
        ("с карты .. сняли", "с карты раз два три четыре сняли", False),
        ("can't log", "i can't  log in", True),
        ("no", "no!", True),
    ],
)
def test_a_cue_matches_what_it_says(cue: str, text: str, found: bool) -> None:  # noqa: FBT001 - a table
    assert bool(index_of({"it": [cue]}).find(text)) is found


def test_places_of_one_cue_do_not_overlap() -> None:
    assert index_of({"it": ["no signal", "signal"]}).find("no signal") == {"it": ((0, 9),)}

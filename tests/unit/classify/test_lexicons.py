# Three inputs that break the easy version:
# 1. a misspelt cue in a lexicon file: a rule that silently never fires;
# 2. `no` and `1.10` as words: YAML would make a boolean and a number of them;
# 3. "нетто" beside the cue "нет": a stem must not match where a word is meant.
"""Is a lexicon read strictly, and does a cue match what it says?"""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.classify.domain.lexicon import BadLexicon
from services.classify.domain.matching import Index, index_of, pattern
from services.classify.domain.signs import CUE_OF, TOPIC_OF
from services.classify.domain.urgency import PART_NAMES
from services.classify.settings import LEXICONS, read_lexicons


def copied(folder: Path) -> Path:
    """A folder with the shipped lexicons, to be spoilt."""
    for path in LEXICONS.glob("*.yaml"):
        (folder / path.name).write_text(path.read_text("utf-8"), "utf-8")
    return folder


def labels_of(index: Index[str]) -> set[str]:
    """Every label that could be found."""
    begun = [*index.shelf.full.values(), *index.shelf.stems.values()]
    followed = [one.followed for one in begun if one.followed]
    more = [cases for one in followed for cases in (*one.full.values(), *one.stems.values())]
    return {label for cases in (*(one.alone for one in begun), *more) for label, _ in cases}


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
        assert labels_of(lexicon.words) == {*CUE_OF, *TOPIC_OF}
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


def test_a_word_ends_where_it_says_though_a_stem_begins_so_too() -> None:
    index = index_of({"word": ["час"], "stem": ["час*"]})

    assert index.find("час") == {"word": ((0, 3),), "stem": ((0, 3),)}
    assert index.find("часто") == {"stem": ((0, 5),)}


WORDS = st.text(alphabet="ab", min_size=1, max_size=3)
TOKENS = st.tuples(WORDS, st.sampled_from(["", "*"])).map("".join)
CUES = st.lists(TOKENS, min_size=1, max_size=3).flatmap(
    lambda tokens: st.sampled_from([" ", " .. ", "-"]).map(lambda gap: gap.join(tokens))
)


@given(
    st.dictionaries(st.sampled_from("xyz"), st.lists(CUES, min_size=1, max_size=4)),
    st.lists(st.tuples(WORDS, st.sampled_from([" ", "-", ". ", "  "])).map("".join)).map("".join),
)
def test_a_label_shows_where_one_expression_of_its_cues_would(
    cues: dict[str, list[str]], text: str
) -> None:
    shown = {label for label, some in cues.items() if pattern(some).search(text)}

    assert index_of(cues).find(text).keys() == shown

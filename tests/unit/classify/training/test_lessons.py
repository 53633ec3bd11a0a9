# Three inputs that break the easy version:
# 1. a neutral question of a larger set: interested or indifferent, and the set does not say which;
# 2. a neutral statement of the same set, which is indifferent;
# 3. a set that knows no neutral at all.
"""What does a text teach whose label means two classes of ours?"""

import numpy as np

from services.classify.training.corpora import Corpora, Native
from services.classify.training.lessons import CLASSES, Lesson, lessons

NATIVES = (
    ("tone.en", "airline", "neutral", "do you fly to Varna on Mondays?"),
    ("tone.en", "airline", "neutral", "the gate is on the second floor"),
    ("tone.ru", "rusentiment", "neutral", "а когда выходной?"),
    ("tone.ru", "rusentiment", "neutral", "сегодня вторник"),
    ("tone.bg", "cinexio", "negative", "слаб филм, защо го гледах?"),
    ("tone.bg", "cinexio", "positive", "много хубав филм"),
)


def tone() -> Lesson:
    natives = tuple(
        Native(file=file, source=source, label=label, text=text)
        for file, source, label, text in NATIVES
    )
    found = lessons(Corpora(labelled=(), natives=natives))
    return next(lesson for lesson in found if lesson.axis == "tone")


def test_a_neutral_question_teaches_only_what_it_is_not() -> None:
    lesson = tone()

    asks = np.array([text.endswith("?") and label == "neutral" for _, _, label, text in NATIVES])
    taught = {word: lesson.taught(word) for word in CLASSES["tone"]}
    assert np.all(taught["negative"] & taught["positive"])
    assert np.array_equal(taught["interested"], ~asks)
    assert np.array_equal(taught["indifferent"], ~asks)


def test_a_neutral_statement_is_indifferent() -> None:
    assert [str(word) for word in tone().targets[[1, 3]]] == ["indifferent", "indifferent"]


def test_every_text_that_teaches_has_a_weight() -> None:
    assert np.all(tone().weights > 0)

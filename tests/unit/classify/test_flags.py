# Three inputs that break the easy version:
# 1. "I'd die laughing at your advert": a word of death without a death;
# 2. "завтра приеду с битой, я не шучу": the word for joking, denied;
# 3. a post of two links: blanks where the addresses were are no sentence said twice.
"""Are the flags found that bring in a person, and only they?"""

import pytest

from docs.flags import FLAGS, golden, measured
from tests.unit.classify.judging import judged

PRECISION, RECALL = 0.75, 0.80
RECALL_OF_SELF_HARM = 0.90
FIGURES = measured()


@pytest.mark.parametrize(("lang", "flag"), FIGURES)
def test_flags_are_found_and_little_else_is(lang: str, flag: str) -> None:
    figures = FIGURES[lang, flag]
    least = RECALL_OF_SELF_HARM if flag == "self_harm" else RECALL

    assert figures.recall >= least, f"missed: {', '.join(figures.missed)}"
    assert figures.precision >= PRECISION, f"wrong: {', '.join(figures.wrong)}"


def test_the_golden_posts_are_many_and_distinct() -> None:
    for posts in golden().values():
        assert len({post.text for post in posts}) == len({post.id for post in posts}) == len(posts)
        assert sum(bool(post.flags) for post in posts) >= 60
        assert sum(not post.flags for post in posts) >= 100
        assert {flag for post in posts for flag in post.flags} == set(FLAGS)


@pytest.mark.parametrize(
    ("meant", "figure"),
    [
        ("your letters make me want to die", "I want to die laughing at your advert"),
        ("хочу умереть после вашего письма", "за этот бургер умереть не жалко"),
        ("искам да умра след писмото ви", "ще умра, да умра от смях с рекламата ви"),
        ("an ambulance took my son", "which insurance covers an ambulance abroad?"),
        ("у подъезда стоит скорая", "скорая доставка порадовала"),
        ("подаю на вас в суд", "суд да дело, а посылка пришла"),
        ("завтра приду с ножом, я не шучу", "завтра приду с ножом за тортом, шучу"),
        ("Напускам ви от първи", "напускам града за седмица, дръжте пратката"),
    ],
)
def test_a_figure_of_speech_raises_no_flag(meant: str, figure: str) -> None:
    assert judged(meant).flags
    assert not judged(figure).flags


def test_a_sentence_said_twice_is_suspected() -> None:
    praise = "The best bank in the whole city, I recommend it. "
    links = f"https://a.example/{'a' * 40} ! https://b.example/{'b' * 40}"

    assert judged(praise * 2).suspected_campaign
    assert not judged(praise).suspected_campaign
    assert not judged(links).suspected_campaign

# Three inputs that break the easy version:
# 1. followers unknown, beside 0 followers: both must add nothing, and more must never take away;
# 2. self-harm in talk: the sum passes 100, the clamp must be a part so that the sum stays right;
# 3. blocked and stranded at once: one part, and taking the lesser away must change nothing.
"""Is urgency the sum of its parts, whatever was judged?"""

from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.classified import urgency_band
from schemas.posts import Author, Reach
from schemas.vocabulary import CaseTopic, Disposition, Flag, Intent, Tone, Visibility
from services.classify.domain.classify import confidence_of
from services.classify.domain.judge import Judgement, Pressure
from services.classify.domain.lexicon import Cue
from services.classify.domain.propose import of_axes
from services.classify.domain.urgency import (
    PART_NAMES,
    Whys,
    points_of,
    reach_points,
    urgency_of,
)
from tests.builders import a_post
from tests.unit.classify.judging import LEXICONS, MINDS, judged, meaning, points

ENGLISH = Whys(english=LEXICONS["en"].whys, local=LEXICONS["en"].whys)
BASE = judged("The parcel is late")
PARTS_OF = {
    Pressure.time_pressure: "time_pressure",
    Pressure.money_at_stake: "money_at_stake",
}
AXES: dict[str, st.SearchStrategy[Any]] = {
    "intent": st.sampled_from(Intent),
    "tone": st.sampled_from(Tone),
    "strength": st.integers(0, 2),
    "topic": st.sampled_from(CaseTopic),
    "fair_claim": st.booleans(),
    "repeat_contact": st.booleans(),
    "flags": st.sets(st.sampled_from(Flag)).map(tuple),
    "pressures": st.sets(st.sampled_from(Pressure)).map(tuple),
}
JUDGEMENTS = st.fixed_dictionaries(AXES).map(lambda axes: msgspec.structs.replace(BASE, **axes))
OF_THE_WHOLE_TEXT = {"intent", "tone_strength", "topic_severity", "calls_for"}
"""Parts of axes that all words decide together; each of the others has its own words."""
COUNTS = st.none() | st.integers(0, 10**9)


@given(JUDGEMENTS)
def test_the_parts_add_up_and_stay_within_bounds(found: Judgement) -> None:
    urgency = urgency_of(found, a_post(), ENGLISH)

    assert urgency.points == sum(part.points for part in urgency.parts)
    assert 0 <= urgency.points <= 100
    assert urgency.band == urgency_band(urgency.points)
    assert {part.name for part in urgency.parts} <= set(PART_NAMES)


@given(JUDGEMENTS, COUNTS, COUNTS)
def test_more_followers_never_lower_urgency(
    found: Judgement, one: int | None, other: int | None
) -> None:
    fewer, more = sorted((one, other), key=lambda count: count or 0)

    urgencies = [
        urgency_of(found, a_post(author=Author(id="a", followers=count)), ENGLISH).points
        for count in (fewer, more)
    ]

    assert urgencies[0] <= urgencies[1]


@given(COUNTS, COUNTS, COUNTS)
def test_unknown_reach_adds_nothing(
    views: int | None, reposts: int | None, replies: int | None
) -> None:
    unknown = a_post(author=None, reach=None)
    known = a_post(author=None, reach=Reach(views=views, reposts=reposts, replies=replies))

    assert reach_points(unknown) == 0
    assert reach_points(known) >= 0


def test_reach_grows_with_its_logarithm() -> None:
    found = [reach_points(a_post(author=Author(id="a", followers=10**n))) for n in range(7)]

    assert found == [0, 3, 6, 9, 12, 15, 18]


@given(JUDGEMENTS, st.sampled_from(list(PARTS_OF)))
def test_taking_a_pressure_away_changes_its_part_alone(found: Judgement, kind: Pressure) -> None:
    rest = tuple(one for one in found.pressures if one is not kind)
    less = msgspec.structs.replace(found, pressures=rest)
    more = msgspec.structs.replace(found, pressures=(*rest, kind))

    before, after = points_of(more, a_post()), points_of(less, a_post())

    assert {name for name in before if before[name] != after[name]} == {PARTS_OF[kind]}


@given(JUDGEMENTS)
def test_taking_repeat_contact_or_churn_away_changes_that_part_alone(found: Judgement) -> None:
    repeated = [msgspec.structs.replace(found, repeat_contact=said) for said in (True, False)]
    leaving = [msgspec.structs.replace(found, flags=flags) for flags in ((Flag.churn,), ())]

    for pair, name in ((repeated, "repeat_contact"), (leaving, "churn")):
        before, after = (points_of(one, a_post()) for one in pair)
        assert {part for part in before if before[part] != after[part]} == {name}


@given(JUDGEMENTS)
def test_what_calls_for_a_person_is_more_urgent_than_what_is_only_heard(found: Judgement) -> None:
    wanted = (Disposition.human_review, Disposition.public_ack_then_private, Disposition.listen)
    parts = [points_of(msgspec.structs.replace(found, proposal=one), a_post()) for one in wanted]

    assert parts[0]["calls_for"] > parts[1]["calls_for"] > parts[2]["calls_for"]
    for before, after in pairwise(parts):
        assert {name for name in before if before[name] != after[name]} == {"calls_for"}


def test_without_a_proposal_the_axes_say_what_is_called_for() -> None:
    found = msgspec.structs.replace(BASE, proposal=None)
    same = msgspec.structs.replace(BASE, proposal=of_axes(found))

    assert points_of(found, a_post()) == points_of(same, a_post())


def test_blocked_and_stranded_are_one_part() -> None:
    both = msgspec.structs.replace(BASE, pressures=(Pressure.blocked, Pressure.stranded))
    stranded = msgspec.structs.replace(BASE, pressures=(Pressure.stranded,))

    assert points_of(both, a_post()) == points_of(stranded, a_post())


@pytest.mark.parametrize(
    ("part", "cue", "text"),
    [
        ("time_pressure", Cue.time_pressure, "Верните срочно деньги за отменённый заказ, прошу"),
        (
            "time_pressure",
            Cue.time_pressure,
            "Пратката от вторник я няма спешно ми трябва за събота",
        ),
        ("time_pressure", Cue.time_pressure, "Please refund me urgently for the cancelled order"),
        ("repeat_contact", Cue.repeat_contact, "Пратката я няма пиша за втори път номерът стои"),
        (
            "repeat_contact",
            Cue.repeat_contact,
            "Third time I ask the parcel is lost and there is no tracking",
        ),
        ("legal_or_press", Cue.legal, "Деньги за билет не вернули подаю в суд на кассу"),
        ("legal_or_press", Cue.legal, "Парите за билета ги няма ще ви съдя за касата"),
        ("legal_or_press", Cue.legal, "No refund for the ticket my lawyer will write to you"),
    ],
)
def test_a_cue_less_in_the_text_is_its_part_less_and_no_other(
    part: str, cue: Cue, text: str
) -> None:
    ((start, end),) = MINDS.eye.see(text).signs.found[cue]
    before, after = points(meaning(text)), points(meaning(text[:start] + text[end + 1 :]))

    changed = {name for name in before | after if before.get(name) != after.get(name)}
    assert changed - OF_THE_WHOLE_TEXT - {"wording"} == {part}
    assert before[part] > after.get(part, 0)
    follows = 0 if cue is Cue.time_pressure else 5  # cues of other kinds stand on these words
    assert abs(before.get("wording", 0) - after.get("wording", 0)) <= follows


def test_public_counts_and_private_does_not() -> None:
    public, private = (
        points_of(BASE, a_post(visibility=seen)) for seen in (Visibility.public, Visibility.private)
    )

    assert public["public"] > private["public"] == 0


def test_danger_passes_the_upper_bound_and_the_clamp_says_so() -> None:
    found = meaning("Взорвался газ, не хочу жить, помогите срочно")

    assert found.urgency == 100
    assert points(found)["clamp"] < 0


def test_every_part_is_explained_in_the_language_of_the_post() -> None:
    for text, word in (
        ("С карты сняли деньги!", "деньги"),
        ("Откраднаха ми картата!", "пари"),
        ("My card was stolen!", "money"),
    ):
        part = {part.name: part for part in meaning(text).parts}["money_at_stake"]
        assert part.why == LEXICONS["en"].whys["money_at_stake"]
        assert word in (part.why_local or "")


@pytest.mark.parametrize(
    "text",
    [
        "Третий день без интернета, а мне завтра сдавать отчёт",
        "Кога отваря новият клон?",
        "Somebody emptied my account last night!",
        "Спасибо, всё пришло",
    ],
)
def test_how_sure_of_urgency_is_how_probable_the_band_of_the_sum_is(text: str) -> None:
    bands = judged(text).bands
    found = meaning(text)

    assert sum(bands) == pytest.approx(1)
    assert found.confidence["urgency"] == round(bands[found.urgency_band], 3)


def test_a_judge_that_knows_no_bands_is_as_sure_as_it_says() -> None:
    plain = msgspec.structs.replace(BASE, bands=(), confidence={"urgency": 0.5})

    assert confidence_of(plain, 2) == {"urgency": 0.5}
    assert confidence_of(msgspec.structs.replace(plain, bands=(0, 0, 0.75, 0.25)), 2) == {
        "urgency": 0.75
    }


def test_bands_are_those_of_the_label_guide() -> None:
    assert [urgency_band(score) for score in (0, 25, 26, 45, 46, 65, 66, 100)] == [
        *(0, 0, 1, 1, 2, 2, 3, 3)
    ]

"""A condition is a set of values: a value, a list, a comparison, a range, a negation, hours.

The inputs that break the easy version: an audience that nobody knows against ``{not: ">= 1000"}``;
a word from the future against ``{not: direct}``; midnight in UTC of the day on which a rule ends.
"""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from schemas.calendars import Calendar
from schemas.decisions import Facts
from schemas.states import CaseState
from schemas.vocabulary import Addressed, Disposition, Flag, Solvable
from services.route.domain.calendars import OPEN, Hold
from services.route.domain.fields import FIELDS
from services.route.domain.matchers import BadCondition, read_facts, read_matcher

NIGHT = Hold(
    calendar=Calendar(
        timezone="Europe/Sofia", weekly=dict.fromkeys(("mon", "tue"), (("18:00", "09:00"),))
    )
)
OFFICE = Hold(
    calendar=Calendar(timezone="Europe/Sofia", weekly={"mon": (("09:00", "18:00"),)}),
    places=("BG",),
)
CALENDARS = {"always": OPEN, "night": NIGHT, "office": OFFICE}


def accepts(field: str, condition: Any, facts: Facts) -> bool:
    return read_matcher(field, condition, CALENDARS).accepts(facts)


@pytest.mark.parametrize(
    ("field", "condition", "yes", "no"),
    [
        ("addressed", "direct", Addressed.direct, Addressed.mention),
        ("addressed", ["mention", "none"], Addressed.none, Addressed.direct),
        ("addressed", {"not": "direct"}, Addressed.none, Addressed.direct),
        ("addressed", {"not": ["direct", "none"]}, Addressed.mention, Addressed.none),
        ("solvable", {"not": "yes"}, Solvable.unknown, Solvable.yes),
        ("solvable", "unknown", Solvable.unknown, Solvable.no),
        ("case_state", "waiting_customer", CaseState.waiting_customer, CaseState.open),
        ("proposal", "listen", Disposition.listen, Disposition.thank),
        ("rude", True, True, False),
        ("rude", {"not": True}, False, True),
        ("lang", ["ru", "bg"], "bg", "en"),
        ("lang", {"not": ["ru", "bg"]}, "de", "ru"),
        ("brand", "lavka", "lavka", "severbank"),
        ("urgency", 70, 70, 71),
        ("urgency", ">= 70", 70, 69),
        ("urgency", "> 70", 71, 70),
        ("urgency", "<= 70", 70, 71),
        ("urgency", "< 70", 69, 70),
        ("urgency", "30..60", 60, 61),
        ("urgency", ["< 10", "90..100"], 95, 50),
        ("urgency", {"not": "30..60"}, 61, 30),
        ("followers", ">= 1000", 1000, None),
        ("followers", {"not": ">= 1000"}, 999, None),
        ("followers", None, None, 3),
        ("followers", {"not": None}, 3, None),
        ("rating", [None, 1, 2], None, 3),
        ("flags", ["legal", "press"], (Flag.churn, Flag.press), (Flag.churn,)),
        ("flags", {"not": "churn"}, (Flag.press,), (Flag.churn, Flag.press)),
        ("flags", {"not": "churn"}, (), (Flag.churn,)),
    ],
)
def test_a_condition_holds_for_the_one_and_not_for_the_other(
    field: str, condition: Any, yes: Any, no: Any
) -> None:
    assert accepts(field, condition, msgspec.structs.replace(Facts(), **{field: yes}))
    assert not accepts(field, condition, msgspec.structs.replace(Facts(), **{field: no}))


@pytest.mark.parametrize("condition", ["direct", {"not": "direct"}, {"not": "mention"}])
def test_a_word_from_the_future_satisfies_neither_a_condition_nor_its_negation(
    condition: Any,
) -> None:
    assert not accepts("addressed", condition, Facts(addressed=Addressed.unknown))


def test_a_word_from_the_future_may_be_asked_for_by_name() -> None:
    future = Facts(addressed=Addressed.unknown)

    assert accepts("addressed", ["direct", "unknown"], future)
    assert not accepts("addressed", {"not": "unknown"}, future)
    assert accepts("addressed", {"not": "unknown"}, Facts(addressed=Addressed.none))


@pytest.mark.parametrize(
    ("who", "is_found"), [("vip", True), ("press", True), ("verified", False), ("own", False)]
)
def test_an_author_may_be_of_several_classes(who: str, is_found: bool) -> None:  # noqa: FBT001 - a table
    author = Facts(vip=True, press=True)

    assert accepts("author", who, author) == is_found
    assert accepts("author", {"not": who}, author) != is_found


@pytest.mark.parametrize(
    ("instant", "calendar", "is_open"),
    [
        ("2026-02-23T20:00:00Z", "night", True),
        ("2026-02-24T06:59:59Z", "night", True),
        ("2026-02-24T07:00:00Z", "night", False),
        ("2026-02-23T07:00:00Z", "office", True),
        ("2026-02-23T16:00:00Z", "office", False),
        ("2026-05-25T08:00:00Z", "office", False),
    ],
)
def test_hours_are_looked_up_at_the_instant_of_the_post_and_holidays_are_closed(
    instant: str,
    calendar: str,
    is_open: bool,  # noqa: FBT001 - a table
) -> None:
    facts = Facts(at=datetime.fromisoformat(instant))

    assert accepts("during", calendar, facts) == is_open
    assert accepts("during", {"not": calendar}, facts) != is_open
    assert accepts("during", "always", facts)


def test_without_an_instant_it_is_neither_day_nor_night() -> None:
    assert not accepts("during", "night", Facts())
    assert not accepts("during", {"not": "night"}, Facts())


@pytest.mark.parametrize(
    ("field", "condition", "says"),
    [
        ("urgancy", 1, "did you mean `urgency`?"),
        ("durign", "night", "did you mean `during`?"),
        ("at", "night", "`during` with the name of a calendar"),
        ("during", "nigth", "did you mean `night`?"),
        ("channel_role", "servise", "did you mean `service`?"),
        ("kind", "revue", "expected one of post, comment"),
        ("addressed", "unknwon", "expected one of direct, mention, none"),
        ("addressed", {"nto": "direct"}, "`{not: ...}`"),
        ("addressed", [], "at least one value"),
        ("addressed", ["direct", "mention", "none", "unknown"], "every such value"),
        ("addressed", {"not": ["direct", "mention", "none"]}, "no such value"),
        ("rude", "yes", "expected true or false"),
        ("lang", 1, "expected text"),
        ("urgency", "=> 70", 'a comparison like ">= 70"'),
        ("urgency", "60..30", "the smaller number first"),
        ("urgency", ">= 101", "expected 0 to 100"),
        ("urgency", {"not": ">= 0"}, "expected 0 to 100"),
        ("urgency", ">= 0", "every such value"),
        ("urgency", 7.5, "expected a number"),
        ("urgency", True, "expected a number"),
        ("urgency", None, "never unknown"),
        ("author", "journalist", "expected one of vip, press, verified, bot, own"),
        ("flags", "lega", "did you mean `legal`?"),
    ],
)
def test_what_no_post_could_satisfy_is_refused_with_what_was_expected(
    field: str, condition: Any, says: str
) -> None:
    with pytest.raises(BadCondition) as caught:
        read_matcher(field, condition, CALENDARS)

    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("field", "wide", "narrow", "covered"),
    [
        ("addressed", {"not": "direct"}, "mention", True),
        ("addressed", "mention", {"not": "direct"}, False),
        ("lang", {"not": "ru"}, ["bg", "en"], True),
        ("lang", {"not": "ru"}, {"not": ["ru", "bg"]}, True),
        ("lang", {"not": ["ru", "bg"]}, {"not": "ru"}, False),
        ("lang", ["ru", "bg"], {"not": "en"}, False),
        ("urgency", ">= 60", ">= 70", True),
        ("urgency", ["0..10", "11..20"], "5..15", True),
        ("urgency", ["0..10", "12..20"], "5..15", False),
        ("followers", ">= 0", [None, 5], False),
        ("flags", ["legal", "press"], "press", True),
        ("flags", {"not": "press"}, "legal", False),
        ("flags", {"not": "press"}, {"not": ["press", "legal"]}, True),
        ("during", ["night", "office"], "night", True),
        ("during", {"not": "office"}, "night", False),
    ],
)
def test_one_condition_covers_another_only_where_that_is_sure(
    field: str,
    wide: Any,
    narrow: Any,
    covered: bool,  # noqa: FBT001 - a table
) -> None:
    one, other = (read_matcher(field, said, CALENDARS) for said in (wide, narrow))

    assert one.covers(other) == covered


def test_every_fact_is_explained_for_whoever_writes_a_rule() -> None:
    assert [name for name, field in FIELDS.items() if not field.about] == []
    assert set(Facts.__struct_fields__) - {"at", "on_duty"} == FIELDS.keys() - {"author"}


def test_the_facts_of_a_test_may_name_the_instant_and_nothing_that_is_not_a_fact() -> None:
    facts = read_facts({"at": "2026-12-31T00:00:00Z", "flags": ["legal"], "followers": None})

    assert facts.at == datetime(2026, 12, 31, tzinfo=UTC)
    for wrong in ({"author": "vip"}, {"during": "night"}, {"flags": "legal"}, {"lang": ["ru"]}):
        with pytest.raises(BadCondition):
            read_facts(dict(wrong))

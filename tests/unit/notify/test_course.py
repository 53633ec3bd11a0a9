"""How did a case go? Read off moments in any order, by hand.

The inputs that break the easy version: words before and after our first one, seen out of order; a
bot that answers first; an acknowledgement before the answer; words whose tone nobody judged; a hold
in the hours that a customer waits.
"""

from datetime import timedelta
from itertools import permutations

import msgspec

from schemas.states import Axis, MomentKind
from schemas.tickets import Correction, HandOver, Moment
from schemas.vocabulary import Tone
from services.notify.domain.course import course_of, worked
from services.notify.domain.spread import counts_up_to, nearest
from tests.unit.notify.builders import OFFICE, answered, at, moment, terms, ticket, wrote


def felt(minutes: float, tone: Tone | None) -> Moment:
    return msgspec.structs.replace(wrote(minutes), tone=tone)


def test_the_tone_before_and_after_our_first_word_in_any_order() -> None:
    moments = (
        felt(0, Tone.interested),
        felt(4, Tone.negative),
        moment(MomentKind.bot_answered, 5),
        moment(MomentKind.acknowledged, 10),
        felt(20, Tone.negative),
        answered(30),
        felt(40, Tone.positive),
    )

    for order in permutations(moments, len(moments)):
        course = course_of(ticket(*order))
        assert (course.before, course.after) == (Tone.negative, Tone.positive)
        assert (course.spoke_at, course.spoke_last_at) == (at(10), at(30))


def test_who_never_heard_from_us_has_no_tone_after_it() -> None:
    course = course_of(ticket(felt(0, Tone.negative), moment(MomentKind.bot_answered, 1)))

    assert (course.before, course.after, course.spoke_at) == (Tone.negative, None, None)


def test_words_that_nobody_judged_are_unknown_and_no_silence() -> None:
    course = course_of(ticket(felt(0, None), answered(5), felt(9, None)))

    assert (course.before, course.after) == (Tone.unknown, Tone.unknown)


def test_the_first_hand_over_and_the_axes_that_were_judged_otherwise() -> None:
    given = msgspec.structs.replace(
        ticket(wrote(0)),
        hand_overs=(
            HandOver(at=at(9), was="b", team="c"),
            HandOver(at=at(3), was="a", team="b"),
        ),
        corrections=(
            Correction(at=at(1), version=2, axis=Axis.urgency, was="1", now="2"),
            Correction(at=at(2), version=3, axis=Axis.urgency, was="2", now="3"),
        ),
    )

    course = course_of(given)

    assert course.handed_at == at(3)
    assert course.corrected == {Axis.urgency}


def test_working_time_leaves_out_the_night_and_the_hold() -> None:
    held = ticket(
        wrote(0),
        moment(MomentKind.paused, 60),
        moment(MomentKind.resumed, 120),
        promised=terms(calendar=OFFICE),
    )

    assert worked(held, at(0), at(3 * 60)) == timedelta(hours=2)
    assert worked(held, at(0), at(20 * 60)) == timedelta(hours=6), "until 17:00, one of them held"


def test_shares_by_the_nearest_rank() -> None:
    one_to_ten = list(range(1, 11))

    assert [nearest(one_to_ten, share) for share in (0.5, 0.9, 0.95, 1.0)] == [5, 9, 10, 10]
    assert nearest([7], 0.5) == 7


def test_each_time_is_in_one_bucket_and_its_bound_belongs_to_it() -> None:
    counts = counts_up_to([299, 300, 301, 3600, 86_400, 86_401], 1)

    assert {name: count for name, count in counts.items() if count} == {
        "5m": 2,
        "15m": 1,
        "1h": 1,
        "24h": 1,
        "longer": 1,
    }

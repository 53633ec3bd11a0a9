"""Clocks are a pure function of moments and terms.

Three inputs break the easy version: the same events shuffled and duplicated (a clock that is
updated on arrival drifts), a ticket closed before any answer (a stop that is no answer counts as
met), and a calendar that runs over midnight (due times by wall clock fall into the day).
"""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.calendars import Calendar
from schemas.states import ClockFrom, ClockName, MomentKind
from schemas.tickets import Moment
from services.notify.domain.clocks import Clock, ClockState, clocks
from tests.unit.notify.builders import (
    HOUR,
    MINUTE,
    NIGHTS,
    OFFICE,
    answered,
    at,
    closed,
    moment,
    terms,
    wrote,
)
from worktime.always import ALWAYS

EVERYTHING = {
    "first_response": 60,
    "next_response": 60,
    "resolution": 600,
    "silence": 60,
    "promise": 60,
    "ack": 30,
    "private": 60,
    "closing": 120,
}
KINDS = [kind for kind in MomentKind if kind is not MomentKind.unknown]

moments_of_a_ticket = st.lists(
    st.builds(
        lambda kind, minutes, n: moment(kind, minutes, name=f"m{n}", received=minutes + n),
        st.sampled_from(KINDS),
        st.integers(0, 300),
        st.integers(0, 50),
    ),
    max_size=12,
    unique_by=lambda m: m.id,
)


def one(name: ClockName, found: tuple[Clock, ...]) -> Clock:
    (clock,) = (clock for clock in found if clock.name is name)
    return clock


@given(moments_of_a_ticket, st.randoms(use_true_random=False), st.sampled_from(list(ClockFrom)))
def test_order_and_duplicates_change_no_clock(
    moments: list[Moment], dice: object, clock_from: ClockFrom
) -> None:
    promised = terms(EVERYTHING, calendar=OFFICE, clock_from=clock_from)
    again = [*moments, *moments[::2]]
    dice.shuffle(again)  # type: ignore[attr-defined]  # hypothesis gives a random.Random

    assert clocks(again, promised) == clocks(moments, promised)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["customer_wrote", "answered_publicly", "closed", "bot_answered"]),
            st.integers(0, 500),
        ),
        max_size=10,
        unique_by=lambda step: step[1],
    )
)
def test_always_open_clocks_agree_with_a_naive_reading(steps: list[tuple[str, int]]) -> None:
    moments = [moment(MomentKind(kind), minute) for kind, minute in steps]

    found = clocks(moments, terms(first_response=60, resolution=200))

    assert {(c.name.value, c.state.value, c.elapsed) for c in found} == naive(steps)


def naive(steps: list[tuple[str, int]]) -> set[tuple[str, str, timedelta | None]]:
    """First response and resolution of a case that is never reopened, read off a sorted list."""
    steps = sorted(steps, key=lambda step: step[1])
    began = next((minute for kind, minute in steps if kind == "customer_wrote"), None)
    if began is None:
        return set()
    later = [step for step in steps if step[1] > began]
    end = next((minute for kind, minute in later if kind == "closed"), None)
    stops = ("answered_publicly", "closed")
    stop, kind = next(((minute, kind) for kind, minute in later if kind in stops), (None, ""))
    return {
        ("first_response", *judged(began, stop, 60, "cancelled" if kind == "closed" else "met")),
        ("resolution", *judged(began, end, 200, "met")),
    }


def judged(began: int, stop: int | None, target: int, in_time: str) -> tuple[str, timedelta | None]:
    if stop is None:
        return ("open", None)
    return (in_time if stop - began <= target else "breached", (stop - began) * MINUTE)


def test_an_answer_at_the_last_microsecond_is_met_and_one_later_is_not() -> None:
    last = 60.0
    late = moment(MomentKind.answered_publicly, 60 + 1 / 60_000_000)

    assert clocks([wrote(0), answered(last)], terms())[0].state is ClockState.met
    assert late.at - at(60) == timedelta(microseconds=1)
    assert clocks([wrote(0), late], terms())[0].state is ClockState.breached


@pytest.mark.parametrize(
    ("minute", "state"), [(30, ClockState.cancelled), (90, ClockState.breached)]
)
def test_closing_before_any_answer_never_counts_as_met(minute: int, state: ClockState) -> None:
    found = clocks([wrote(0), closed(minute)], terms(first_response=60, resolution=600))

    assert one(ClockName.first_response, found).state is state
    assert one(ClockName.resolution, found).state is ClockState.met


def test_a_night_shift_runs_over_midnight_and_not_during_the_day() -> None:
    wrote_at_night = Moment(
        id="w",
        at=datetime(2026, 3, 3, 3, 30, tzinfo=UTC),  # 05:30 in Sofia, the shift ends at 06:00
        received_at=datetime(2026, 3, 3, 3, 30, tzinfo=UTC),
        kind=MomentKind.customer_wrote,
    )

    (clock,) = clocks([wrote_at_night], terms(calendar=NIGHTS))

    assert clock.due_at == datetime(2026, 3, 3, 20, 30, tzinfo=UTC)
    assert clock.late_after == clock.due_at


def test_an_answer_between_closing_time_and_opening_is_in_time() -> None:
    friday = datetime(2026, 3, 6, 16, 0, tzinfo=UTC)
    saturday = friday + 20 * HOUR
    asked = Moment(id="w", at=friday, received_at=friday, kind=MomentKind.customer_wrote)
    reply = Moment(id="a", at=saturday, received_at=saturday, kind=MomentKind.answered_publicly)

    (clock,) = clocks([asked, reply], terms(calendar=OFFICE))

    assert clock.due_at == friday + HOUR
    assert clock.late_after == datetime(2026, 3, 9, 9, 0, tzinfo=UTC)
    assert clock.state is ClockState.met


def test_a_bot_stops_no_clock() -> None:
    bot = moment(MomentKind.bot_answered, 1)

    found = clocks([wrote(0), bot], terms(EVERYTHING))

    assert {c.state for c in found} == {ClockState.open}


def test_an_acknowledgement_stops_first_response_and_leaves_closing_open_until_it_is_noted() -> (
    None
):
    acknowledged = moment(MomentKind.acknowledged, 10)
    privately = moment(MomentKind.answered_privately, 20)
    noted = moment(MomentKind.closing_noted, 70)

    before = clocks([wrote(0), acknowledged, privately], terms(EVERYTHING))
    after = clocks([wrote(0), acknowledged, privately, noted], terms(EVERYTHING))

    assert one(ClockName.first_response, before).elapsed == 10 * MINUTE
    assert one(ClockName.next_response, before).elapsed == 20 * MINUTE
    assert one(ClockName.closing, before).state is ClockState.open
    assert one(ClockName.closing, after).elapsed == 60 * MINUTE
    assert one(ClockName.closing, after).state is ClockState.met


def test_closing_runs_only_where_the_terms_promise_it() -> None:
    privately = moment(MomentKind.answered_privately, 10)

    found = clocks([wrote(0), privately], terms())

    assert [c.name for c in found] == [ClockName.first_response]


def test_each_exchange_is_a_cycle_from_its_earliest_unanswered_words() -> None:
    moments = [wrote(0), answered(5), wrote(20), wrote(40), answered(50), wrote(100)]

    found = clocks(moments, terms(first_response=60, next_response=60))

    assert [(c.name.value, c.cycle, c.started_at, c.elapsed) for c in found] == [
        ("first_response", 1, at(0), 5 * MINUTE),
        ("next_response", 1, at(20), 30 * MINUTE),
        ("next_response", 2, at(100), None),
    ]


def test_reopening_starts_the_next_resolution_and_thanks_after_the_end_start_nothing() -> None:
    thanks = [wrote(0), answered(5), closed(10), wrote(20)]
    reopened = [*thanks, moment(MomentKind.reopened, 30), wrote(30)]
    promised = terms(first_response=60, next_response=60, resolution=600)

    assert [c.state for c in clocks(thanks, promised)] == [ClockState.met, ClockState.met]
    found = clocks(reopened, promised)
    assert [(c.name.value, c.cycle, c.started_at) for c in found[2:]] == [
        ("resolution", 2, at(30)),
        ("next_response", 1, at(30)),
    ]


def test_a_pause_takes_working_time_out_and_stops_the_due_time_while_it_lasts() -> None:
    paused, resumed = moment(MomentKind.paused, 10), moment(MomentKind.resumed, 40)

    (held,) = clocks([wrote(0), paused], terms())
    (going,) = clocks([wrote(0), paused, resumed], terms())

    assert (held.due_at, held.late_after) == (None, None)
    assert going.due_at == at(90)


def test_terms_say_which_instant_starts_a_clock_and_both_waits_are_known() -> None:
    moments = [wrote(0, received=30), answered(80)]

    (posted,) = clocks(moments, terms())
    (received,) = clocks(moments, terms(clock_from=ClockFrom.received))

    assert (posted.state, received.state) == (ClockState.breached, ClockState.met)
    assert posted.waited_since_posted == received.waited_since_posted == 80 * MINUTE


def test_a_calendar_that_cannot_be_read_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="time zone"):
        clocks([wrote(0)], terms(calendar=Calendar(timezone="Mars/Base", weekly=ALWAYS.weekly)))

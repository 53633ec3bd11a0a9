"""All eight clocks agree with their definitions, read off the history with a pencil.

Three inputs break the easy version: an acknowledgement while somebody waits (it stops the first
response, starts the silence and the private step, and leaves the next response running), words
written to a closed case that is opened again by others (they wait from before the opening), and a
promise with a date (hours and pauses do not move it, and until then there is no silence).
"""

from collections.abc import Mapping
from datetime import datetime

from hypothesis import example, given, settings
from hypothesis import strategies as st

from schemas.calendars import Calendar
from schemas.states import ClockFrom, MomentKind
from schemas.tickets import EarlierTerms, Moment, SlaTerms
from services.notify.domain.clocks import clocks
from tests.clock_oracle import CLOCKS, Earlier, Fact, Promised, Run, runs
from tests.unit.notify.builders import MINUTE, NIGHTS, OFFICE, at, moment, terms
from worktime.always import ALWAYS

LETTERS = {
    "c": MomentKind.customer_wrote,
    "k": MomentKind.acknowledged,
    "i": MomentKind.promised,
    "a": MomentKind.answered_publicly,
    "p": MomentKind.answered_privately,
    "z": MomentKind.closing_noted,
    "b": MomentKind.bot_answered,
    "h": MomentKind.paused,
    "r": MomentKind.resumed,
    "X": MomentKind.closed,
    "O": MomentKind.reopened,
    "d": MomentKind.customer_deleted,
}

QUIET = {"silence": 60, "first_response": 60}

facts = st.builds(
    lambda steps: [
        Fact(what, at(minute), at(minute + late), at(minute + due) if due else None)
        for what, minute, late, due in steps
    ],
    st.lists(
        st.tuples(
            st.sampled_from("".join(LETTERS) + "cckkiap"),
            st.integers(0, 3000),
            st.sampled_from([0, 0, 1, 40]),
            st.sampled_from([0, 0, 0, 30, 400]),
        ),
        max_size=14,
        unique_by=lambda step: step[1],
    ),
)
promises = st.builds(
    lambda names, calendar, by_arrival: Promised(
        dict.fromkeys(names, 7200), calendar, by_arrival=by_arrival
    ),
    st.sets(st.sampled_from(CLOCKS), min_size=1),
    st.sampled_from([ALWAYS, OFFICE, NIGHTS]),
    st.booleans(),
)


def told(script: str) -> list[Fact]:
    """``c0 k10 i20<90``: letters with their minutes, and the minute promised with them."""
    found = []
    for step in script.split():
        minute, _, until = step[1:].partition("<")
        found.append(Fact(step[0], at(int(minute)), None, at(int(until)) if until else None))
    return found


def as_moment(fact: Fact) -> Moment:
    minute = (fact.at - at(0)) / MINUTE
    made = moment(LETTERS[fact.what], minute, name=f"{fact.what}{minute}")
    return Moment(
        id=made.id,
        at=fact.at,
        received_at=fact.received or fact.at,
        kind=made.kind,
        promise_until=fact.until if fact.what in "kiapz" else None,
    )


def as_terms(promised: Promised) -> SlaTerms:
    clock_from = ClockFrom.received if promised.by_arrival else ClockFrom.posted
    targets = {name: seconds // 60 for name, seconds in promised.targets.items()}
    return terms(targets, calendar=promised.calendar, clock_from=clock_from)


def as_notify_has_it(history: list[Fact], promised: Promised, earlier: Earlier = ()) -> set[Run]:
    held = [EarlierTerms(until=at, priority=0, terms=as_terms(one)) for at, one in earlier]
    found = clocks(map(as_moment, history), as_terms(promised), held)
    return {
        Run(
            clock.name.value,
            clock.cycle,
            int(clock.target.total_seconds()),
            clock.started_at,
            clock.stopped_at,
            clock.elapsed,
            clock.state.value,
        )
        for clock in found
    }


@settings(deadline=None)
@given(facts, promises)
@example(told("c0 X10 c20 O30 a40"), Promised({"next_response": 7200}, ALWAYS))
@example(told("c0 k10<100 c20 p30 z40"), Promised(dict.fromkeys(CLOCKS, 7200), ALWAYS))
@example(told("c0 i10<100 h20 r2000 a2100"), Promised({"promise": 7200, "silence": 60}, OFFICE))
def test_every_clock_is_what_its_definition_says(history: list[Fact], promised: Promised) -> None:
    assert as_notify_has_it(history, promised) == set(runs(history, promised))


@settings(deadline=None)
@given(
    facts,
    promises,
    st.lists(st.tuples(st.integers(0, 3000), st.sampled_from([ALWAYS, OFFICE]), st.booleans())),
)
def test_terms_that_change_keep_elapsed_time_and_every_verdict_that_stands(
    history: list[Fact], promised: Promised, changes: list[tuple[int, Calendar, bool]]
) -> None:
    targets = promised.targets
    earlier = [
        (at(minute), Promised(dict.fromkeys(targets, 60 * (5 + n)), calendar, by_arrival))
        for n, (minute, calendar, by_arrival) in enumerate(sorted(changes, key=lambda c: c[0]))
    ]

    assert as_notify_has_it(history, promised, earlier) == set(runs(history, promised, earlier))


def found(script: str, targets: Mapping[str, int], calendar: Calendar = ALWAYS) -> list[str]:
    """The clocks of a script by hand: name, cycle, from, to and state."""
    lines = []
    for clock in clocks(map(as_moment, told(script)), terms(targets, calendar=calendar)):
        since, until = minutes(clock.started_at), minutes(clock.stopped_at)
        lines.append(f"{clock.name.value}.{clock.cycle} {since}-{until} {clock.state.value}")
    return lines


def minutes(instant: datetime | None) -> str:
    return f"{(instant - at(0)) / MINUTE:.0f}" if instant else ""


def test_silence_is_from_our_word_to_our_next_while_somebody_waits() -> None:
    told_so = found("c0 k10 c15 k50 a60 c100 b110 a170", QUIET)

    assert told_so[1:] == [
        "silence.1 10-50 met",
        "silence.2 50-60 met",
        "silence.3 100-170 breached",
    ]


def test_who_was_told_when_to_expect_us_hears_no_silence_before() -> None:
    assert found("c0 k10<500 k505", QUIET)[1:] == [
        "silence.1 500-505 met",
        "silence.2 505- open",
    ]


def test_a_promise_with_a_date_is_kept_by_the_wall_clock_and_any_word_of_ours_keeps_it() -> None:
    friday_evening = 4 * 24 * 60 + 6 * 60  # 16:00, an hour before the office closes
    script = f"c0 a{friday_evening}<{friday_evening + 120} h{friday_evening + 5}"

    (late,) = clocks(map(as_moment, told(script)), terms({"promise": 60}, calendar=OFFICE))
    (kept,) = found(f"{script} k{friday_evening + 119}", {"promise": 60}, OFFICE)

    assert (late.due_at, late.late_after) == (at(friday_evening + 120), at(friday_evening + 120))
    assert kept.endswith("met")


def test_we_will_come_back_without_a_date_is_a_promise_of_the_terms() -> None:
    assert found("c0 i10 b50 a80", {"promise": 60}) == ["promise.1 10-80 breached"]
    assert found("c0 k10 a80", {"promise": 60}) == []


def test_a_step_of_the_play_has_a_timer_of_its_own_and_none_that_nobody_needs() -> None:
    steps = {"ack": 30, "private": 60, "closing": 120}

    assert found("c0 k10 p50 z100", steps) == [
        "ack.1 0-10 met",
        "private.1 10-50 met",
        "closing.1 10-100 met",
    ]
    assert found("c0 k10 a50 k60", steps) == [
        "ack.1 0-10 met",
        "private.1 10-50 cancelled",
        "closing.1 10-50 cancelled",
    ]
    assert found("c0 k10 a50 p70", steps)[3:] == ["closing.2 70- open"]
    assert found("c0 k10 p50 a70", steps)[2:] == ["closing.1 10- open"]
    assert found("c0 a50", steps) == ["ack.1 0-50 breached"]


def test_a_case_that_is_opened_again_plays_again() -> None:
    script = "c0 k10 p20 z30 X40 O50 c51 k60"

    assert found(script, {"ack": 30, "private": 60, "closing": 60}) == [
        "ack.1 0-10 met",
        "private.1 10-20 met",
        "closing.1 10-30 met",
        "ack.2 51-60 met",
        "private.2 60- open",
        "closing.2 60- open",
    ]


def test_heavier_words_judge_what_runs_and_nothing_that_has_ended() -> None:
    history = [as_moment(fact) for fact in told("c0 a50 c60")]
    calm, urgent = (
        terms({"first_response": target, "next_response": target}) for target in (120, 15)
    )

    before, after = (
        clocks(history, urgent, held)
        for held in ((), (EarlierTerms(until=at(60), priority=20, terms=calm),))
    )

    assert [clock.state.value for clock in before] == ["breached", "open"]
    assert [clock.state.value for clock in after] == ["met", "open"]
    assert after[1].due_at == at(75)


def test_what_the_new_terms_make_late_at_once_is_late_since_they_hold() -> None:
    history = [as_moment(fact) for fact in told("c0 c50")]
    calm, urgent = (terms({"first_response": target}) for target in (120, 15))

    (clock,) = clocks(history, urgent, (EarlierTerms(until=at(50), priority=20, terms=calm),))

    assert [(t.share, t.at) for t in clock.thresholds][:2] == [(0.75, at(50)), (1.0, at(50))]
    assert clock.thresholds[1].used == 50 * MINUTE

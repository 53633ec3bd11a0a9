"""What is announced, when, and never twice.

Three inputs break the easy version: an answer in time that arrives after the breach was announced
(it must be corrected), a tick that stands exactly on the instant (what arrives then lies behind
it), and a clock found late with every threshold passed (only the highest is news).
"""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from schemas.sla import SlaChanged
from schemas.states import MomentKind, SlaState
from schemas.tickets import EarlierTerms, Moment, SlaTerms
from services.notify.domain.announce import Case, Heard
from services.notify.domain.settle import merged, settle
from tests.unit.notify.builders import answered, at, closed, moment, terms, ticket, told, wrote


def case_of(*moments: Moment, promised: SlaTerms | None = None) -> Case:
    case = merged(None, told(ticket(*moments, promised=promised)), None, None)
    assert case
    return case


def step(
    case: Case, minutes: float, *moments: Moment
) -> tuple[Case, list[tuple[SlaState, float | None]]]:
    """The case after more moments and a tick, with what that announced."""
    case, events = stepped(case, minutes, *moments)
    return case, [(event.state, event.threshold) for event in events]


def stepped(case: Case, minutes: float, *moments: Moment) -> tuple[Case, tuple[SlaChanged, ...]]:
    grown = msgspec.structs.replace(case.ticket, moments=(*case.ticket.moments, *moments))
    settled = settle(msgspec.structs.replace(case, ticket=grown), Heard(until=at(minutes)))
    return settled.kept, settled.events


def test_each_threshold_is_announced_once_as_the_tick_passes_it() -> None:
    case = case_of(wrote(0))
    states = []
    for minute in (10, 44, 46, 46, 59, 61, 75, 91, 500):
        case, news = step(case, minute)
        states += [(minute, *one) for one in news]

    assert states == [
        (46, SlaState.at_risk, 0.75),
        (61, SlaState.breached, 1.0),
        (91, SlaState.breached, 1.5),
    ]


def test_a_tick_on_the_instant_announces_nothing_yet() -> None:
    case = case_of(wrote(0))

    assert step(case, 45)[1] == []
    assert step(case, 45.001)[1] == [(SlaState.at_risk, 0.75)]


def test_an_event_says_when_it_became_true_not_when_it_was_found() -> None:
    _, (event,) = stepped(case_of(wrote(0)), 80)

    assert (event.occurred_at, event.elapsed, event.waited_since_posted) == (at(60), 3600, 3600)
    assert (event.target, event.due_at, event.blind) == (3600, at(60), False)


def test_of_several_passed_at_once_only_the_highest_is_news() -> None:
    case, news = step(case_of(wrote(0)), 500)

    assert news == [(SlaState.breached, 1.5)]
    assert step(case, 501)[1] == []


def test_a_ticket_first_seen_after_the_instant_is_discovered_late() -> None:
    _, (late,) = stepped(case_of(wrote(0, received=70)), 80)
    _, (live,) = stepped(case_of(wrote(0, received=50)), 80)

    assert late.discovered_late
    assert not live.discovered_late


def test_an_answer_in_time_is_met_at_once_and_no_risk_is_announced_afterwards() -> None:
    case, news = step(case_of(wrote(0)), 20, answered(50))

    assert news == [(SlaState.met, None)]
    assert step(case, 500)[1] == []


def test_a_late_answer_breaches_even_where_no_tick_has_passed() -> None:
    case, news = step(case_of(wrote(0)), 1, answered(70))

    assert news == [(SlaState.breached, 1.0)]
    assert step(case, 500)[1] == []


def test_a_late_answer_after_the_announced_breach_is_no_second_one() -> None:
    case, _ = step(case_of(wrote(0)), 61)

    assert step(case, 200, answered(100))[1] == []


def test_a_fact_that_arrives_late_corrects_the_announced_breach_once() -> None:
    case, (breach,) = stepped(case_of(wrote(0)), 61)

    case, (corrected, met) = stepped(case, 70, answered(50, received=65))

    assert (corrected.state, corrected.corrects) == (SlaState.corrected, breach.event_id)
    assert met.state is SlaState.met
    assert len({breach.event_id, corrected.event_id, met.event_id}) == 3
    assert step(case, 500)[1] == []


def test_a_cycle_that_never_was_is_corrected_too() -> None:
    promised = terms(first_response=60, next_response=60)
    case = case_of(wrote(0), answered(5), wrote(20), promised=promised)
    case, news = step(case, 90)
    assert (SlaState.breached, 1.0) in news

    _, news = step(case, 95, closed(10))

    assert news == [(SlaState.corrected, 1.0)]


def test_an_ending_that_was_none_is_corrected_and_what_is_true_is_told() -> None:
    case, (met,) = stepped(case_of(wrote(0)), 55, answered(50))

    case, (corrected, breached) = stepped(case, 56, wrote(-20, received=55))

    assert (met.state, corrected.corrects) == (SlaState.met, met.event_id)
    assert (breached.state, breached.threshold) == (SlaState.breached, 1.0)


def test_what_was_taken_back_and_is_true_after_all_is_told_anew_under_another_id() -> None:
    case, (first,) = stepped(case_of(wrote(0)), 61)
    case, (taken_back, met) = stepped(case, 70, answered(50, received=65))

    case, (no_longer_met, again) = stepped(case, 80, wrote(-20, received=75))

    assert taken_back.corrects == first.event_id
    assert no_longer_met.corrects == met.event_id
    assert (again.state, again.threshold) == (first.state, first.threshold)
    assert again.event_id != first.event_id
    assert step(case, 500)[1] == []


def test_a_warning_about_what_had_been_answered_is_taken_back() -> None:
    case, (risk,) = stepped(case_of(wrote(0)), 46)

    _, (corrected, met) = stepped(case, 50, answered(40, received=48))

    assert (corrected.corrects, corrected.threshold) == (risk.event_id, 0.75)
    assert (corrected.occurred_at, corrected.elapsed) == (at(40), 2400)
    assert met.state is SlaState.met


def test_a_hold_that_comes_to_light_late_takes_the_breach_back_until_it_is_one() -> None:
    hold, resumed = moment(MomentKind.paused, 50), moment(MomentKind.resumed, 90)
    case, (breach,) = stepped(case_of(wrote(0)), 61)

    case, (corrected, risk) = stepped(case, 65, hold)
    case, news = step(case, 95, resumed)
    case, (again,) = stepped(case, 101)

    assert (corrected.corrects, corrected.occurred_at) == (breach.event_id, at(60))
    assert (risk.state, risk.occurred_at) == (SlaState.at_risk, at(45))
    assert news == []
    assert (again.state, again.occurred_at, again.elapsed) == (SlaState.breached, at(100), 3600)


def test_shorter_terms_say_nothing_again_of_what_was_told() -> None:
    case, _ = step(case_of(wrote(0)), 61)
    grown = msgspec.structs.replace(
        case.ticket,
        terms=terms(first_response=50),
        earlier_terms=(EarlierTerms(until=at(62), priority=1, terms=case.ticket.terms),),
    )

    later = settle(msgspec.structs.replace(case, ticket=grown), Heard(until=at(63)))
    assert later.events == ()


def test_closing_before_any_answer_cancels_in_time_and_stays_a_breach_when_late() -> None:
    assert step(case_of(wrote(0), closed(30)), 31)[1] == [(SlaState.cancelled, None)]

    case, _ = step(case_of(wrote(0)), 61)
    assert step(case, 100, closed(70))[1] == []


def test_changed_terms_announce_nothing_twice() -> None:
    case, _ = step(case_of(wrote(0)), 61)
    grown = msgspec.structs.replace(case.ticket, terms=terms(first_response=50))

    assert settle(msgspec.structs.replace(case, ticket=grown), Heard(until=at(70))).events == ()


@given(st.permutations([wrote(0), answered(50), wrote(80), answered(200), closed(300)]))
def test_verdicts_do_not_depend_on_the_order_of_arrival(moments: list[Moment]) -> None:
    promised = terms(first_response=60, next_response=60, resolution=600)
    case = case_of(moments[0], promised=promised)
    for one in moments[1:]:
        case, _ = step(case, 0, one)
    case, _ = step(case, 1000)
    corrected = {a.corrects for a in case.announced}

    standing = {
        (a.clock.value, a.cycle, a.state.value)
        for a in case.announced
        if a.event_id not in corrected and a.state is not SlaState.corrected
    }

    assert standing >= {
        ("first_response", 1, "met"),
        ("next_response", 1, "breached"),
        ("resolution", 1, "met"),
    }

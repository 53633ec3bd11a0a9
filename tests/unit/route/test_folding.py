"""Which groups do many intents make at once? The same as one after the other.

The inputs that break the easy version: a group that is opened and grows in the same fold; a matter
that was quiet for a whole window between two intents; two matters whose intents alternate.
"""

from datetime import datetime, timedelta

from schemas.states import AlertKind, AlertState, PriorityBand
from services.route.domain.alerting import AlertGroup, Folded, fold_all
from services.route.domain.book import AlertIntent
from services.route.domain.message import About
from tests.builders import MONDAY, minutes

WINDOW = timedelta(minutes=30)


def intent(number: int, count: int, *, base: str = "hot", at: datetime = MONDAY) -> AlertIntent:
    """An intent of a hot topic."""
    return AlertIntent(
        id=f"i{number}",
        base=base,
        kind=AlertKind.hot_topic,
        severity=PriorityBand.high,
        brand="severbank",
        team="care",
        channel="care-alerts",
        ticket_id=f"t{number}",
        count=count,
        need="",
        link=None,
        at=at,
        partition=3,
        about=About(lang="ru", team="care"),
    )


def told(folded: Folded) -> list[tuple[str, str, int]]:
    """What is told of which group, and for how many."""
    return [(group.base, event.state.value, event.count) for group, event in folded.told]


def test_a_group_that_is_opened_and_doubles_in_one_fold_is_told_twice() -> None:
    folded = fold_all({}, [intent(n, count=n) for n in range(10, 21)], WINDOW)

    assert told(folded) == [("hot", AlertState.raised, 10), ("hot", AlertState.updated, 20)]
    (group,) = folded.groups
    assert (group.count, len(group.ticket_ids)) == (20, 11)


def test_a_matter_that_was_quiet_for_a_window_opens_a_group_of_its_own() -> None:
    later = MONDAY + WINDOW + minutes(1)

    folded = fold_all({}, [intent(1, count=10), intent(2, count=10, at=later)], WINDOW)

    assert [state for _, state, _ in told(folded)] == [AlertState.raised, AlertState.raised]
    assert len({group.key for group in folded.groups}) == 2


def test_two_matters_whose_intents_alternate_are_two_groups() -> None:
    intents = [intent(n, count=10, base="one" if n % 2 else "other") for n in range(6)]

    folded = fold_all({}, intents, WINDOW)

    assert [len(group.ticket_ids) for group in folded.groups] == [3, 3]


def test_one_fold_gives_what_a_fold_of_each_intent_gives() -> None:
    intents = [
        intent(n, count=10 + n, base=f"hot{n % 3}", at=MONDAY + minutes(n * 7 % 40))
        for n in range(40)
    ]

    at_once = fold_all({}, intents, WINDOW)
    groups, said = dict[str, AlertGroup](), list[object]()
    for one in intents:
        folded = fold_all(groups, [one], WINDOW)
        groups |= {group.base: group for group in folded.groups}
        said += folded.told

    assert list(at_once.told) == said
    assert {group.base: group for group in at_once.groups} == groups

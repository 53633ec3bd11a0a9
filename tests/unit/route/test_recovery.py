"""What a restored store takes over: what was told since it was saved, and nothing from before.

The inputs that break the easy version: a telling that the store already knew, which must not take
it back; a chain that was climbed meanwhile; brokers whose clocks differ, so that old events come.
"""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from schemas.alerts import AlertChanged
from schemas.states import AlertState, Change, MomentKind
from schemas.tickets import Ticket, TicketEvent
from services.route.domain.alerting import AlertGroup
from services.route.domain.recovery import Told, brought_up
from services.route.domain.teams import Rung
from services.route.domain.telling import alert_event
from tests.boards import NIGHT, a_group
from tests.builders import minutes
from tests.unit.notify.builders import moment, ticket

TAKEN_WITHIN = timedelta(minutes=30)
CHAIN = (
    Rung(after=timedelta(minutes=5), to="lead", channel="lead-alerts"),
    Rung(after=timedelta(minutes=20), to="manager", channel="manager-alerts"),
)


def telling(group: AlertGroup, state: AlertState, at: float, **changes: Any) -> AlertChanged:
    """The group as it was told so many minutes into the night."""
    changed = msgspec.structs.replace(group, **changes)
    return alert_event(changed, state, NIGHT + minutes(at))


def test_what_the_store_knew_takes_nothing_back() -> None:
    saved = a_group(tellings=3, state=AlertState.acknowledged, acknowledged_by="vera")
    old = [telling(saved, AlertState.raised, n, tellings=n, acknowledged_by=None) for n in (1, 2)]

    assert brought_up(saved, old, TAKEN_WITHIN) == saved


def test_who_had_taken_it_still_has_it_and_the_next_telling_has_a_number_of_its_own() -> None:
    saved = a_group(tellings=1, chain=CHAIN, climbs_at=NIGHT + minutes(5))
    taken = telling(saved, AlertState.acknowledged, 4, tellings=2, acknowledged_by="vera")

    found = brought_up(saved, [taken], TAKEN_WITHIN)

    assert (found.state, found.acknowledged_by) == (AlertState.acknowledged, "vera")
    assert found.climbs_at == NIGHT + minutes(34)
    assert found.tellings == 2
    assert found.closed_at is None


@pytest.mark.parametrize(
    ("level", "climbs_at", "reached"),
    [
        (1, NIGHT + minutes(20), ("night", "lead-alerts")),
        (2, None, ("night", "lead-alerts", "manager-alerts")),
    ],
)
def test_a_chain_that_was_climbed_goes_on_from_there(
    level: int, climbs_at: Any, reached: tuple[str, ...]
) -> None:
    saved = a_group(tellings=1, chain=CHAIN, climbs_at=NIGHT + minutes(5))
    climbed = [
        telling(saved, AlertState.escalated, 5 if n == 1 else 20, tellings=n + 1, level=n)
        for n in range(1, level + 1)
    ]

    found = brought_up(saved, climbed, TAKEN_WITHIN)

    assert (found.level, found.climbs_at, found.reached) == (level, climbs_at, reached)


def test_what_has_ended_is_over() -> None:
    saved = a_group(tellings=1, chain=CHAIN, climbs_at=NIGHT + minutes(5))

    found = brought_up(saved, [telling(saved, AlertState.resolved, 9, tellings=2)], TAKEN_WITHIN)

    assert (found.closed_at, found.climbs_at) == (NIGHT + minutes(9), None)


def changed(case: Ticket, version: int, change: Change, **changes: Any) -> TicketEvent:
    """A version of the case as it was told, a minute each."""
    after = msgspec.structs.replace(case, version=version, **changes)
    return TicketEvent(
        event_id=f"v{version}",
        occurred_at=case.opened_at + minutes(version),
        change=change,
        ticket=after,
    )


def test_nobody_is_told_of_what_the_store_had_told_before() -> None:
    """It was with another team once: told again, that would end alerts of the team that has it."""
    case = ticket(moment(MomentKind.customer_wrote, 0), name="t", team="care")
    told = Told()
    told.note(changed(case, 1, Change.opened, team="fraud"), 0)
    told.note(changed(case, 2, Change.assigned), 0)
    told.note(changed(case, 3, Change.closed, closed_at=case.opened_at + minutes(3)), 0)

    news = list(told.news({"t": msgspec.structs.replace(case, version=2)}))

    assert [(one.at, one.over) for one in news] == [(case.opened_at + minutes(3), True)]
    assert [case.version for case, _ in told.tickets.values()] == [3]

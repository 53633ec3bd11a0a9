"""Swaps of duty and sick leave by command, on both databases.

The inputs that break the easy version: sick leave that ends while the person is asleep; a post that
was said before the leave and comes in it; somebody nobody knows.
"""

from datetime import datetime
from typing import Any

import httpx
import pytest

from schemas.tickets import Ticket
from schemas.vocabulary import Intent
from tests.builders import MONDAY, a_classified, a_post, minutes
from tests.integration.route_calls import ask, command, route
from tests.integration.test_route_on_its_store import Running
from tests.tokens import bearing

__all__ = ["route"]


async def away(route: Running, who: str, **swap: Any) -> httpx.Response:
    fields = {"person": "vera", "from": hour(0), "until": hour(8), **swap}
    body = {"swap": fields, "reason": "a fever"}
    return await route.http.post("/v1/duty/swaps", headers=bearing(who), json=body)


def hour(count: float) -> str:
    return (MONDAY + minutes(60 * count)).isoformat()


async def opened(route: Running, native: str, hours: float) -> Ticket:
    """A question of that hour, as care gets it."""
    at = MONDAY + minutes(60 * hours)
    post = a_post(native, author=native, at=at, conversation_id=native)
    await route.take(a_classified(post, intent=Intent.question, fair_claim=False, urgency=20))
    return route.changes()[-1].ticket


async def test_who_is_away_gets_no_case_and_who_stands_in_does(route: Running) -> None:
    before = {(await opened(route, f"a{n}", 0.5)).owner for n in range(6)}

    made = await away(route, "boss", instead="anna")
    during = {(await opened(route, f"b{n}", 0.6)).owner for n in range(6)}
    after = {(await opened(route, f"c{n}", 48.5)).owner for n in range(12)}

    assert made.status_code == 201, made.text
    assert before == {"vera", "gleb"}
    assert during <= {"anna", "gleb"}
    assert "vera" in after


async def test_a_swap_is_shown_and_can_be_taken_back(route: Running) -> None:
    number = (await away(route, "boss")).json()["id"]

    shown = (await ask(route, "ivo", "/v1/duty", at=hour(0.5))).json()
    gone = await route.http.delete(f"/v1/duty/swaps/{number}", headers=bearing("boss"))
    again = await route.http.delete(f"/v1/duty/swaps/{number}", headers=bearing("boss"))
    later = (await ask(route, "ivo", "/v1/duty", at=hour(0.5))).json()

    assert "vera" not in shown["on_duty"]["care"]
    assert [(one["by"], one["reason"]) for one in shown["swaps"]] == [("boss", "a fever")]
    assert (gone.status_code, again.status_code) == (204, 404)
    assert "vera" in later["on_duty"]["care"]
    assert later["swaps"] == []


@pytest.mark.parametrize(
    ("who", "swap", "status"),
    [
        ("vera", {}, 403),
        ("lena", {}, 403),
        ("boss", {"person": "nobody"}, 422),
        ("boss", {"until": hour(-1)}, 422),
        ("boss", {"until": None}, 422),
        ("boss", {"forever": True}, 422),
    ],
)
async def test_a_swap_needs_a_lead_of_all_brands_somebody_known_and_an_end(
    route: Running, who: str, swap: dict[str, Any], status: int
) -> None:
    answer = await away(route, who, **swap)

    assert answer.status_code == status, answer.text
    assert (await ask(route, "ivo", "/v1/duty", at=hour(0.5))).json()["swaps"] == []


async def test_sick_leave_without_anybody_instead_shows_as_a_gap(route: Running) -> None:
    first = MONDAY.date().isoformat()
    before = (await ask(route, "ivo", "/v1/duty/gaps", first=first)).json()
    await away(route, "boss", person="lead-on-call", **{"from": hour(0), "until": hour(3)})

    after = (await ask(route, "ivo", "/v1/duty/gaps", first=first)).json()

    assert [one["team"] for one in after if one not in before] == ["lead"]


async def test_the_gaps_begin_now_where_no_day_is_named(route: Running) -> None:
    now = route.clock.now()
    leave = {"from": (now - minutes(600)).isoformat(), "until": (now + minutes(600)).isoformat()}
    await away(route, "boss", person="lead-on-call", **leave)

    found = (await ask(route, "ivo", "/v1/duty/gaps")).json()
    since, until = next((one["since"], one["until"]) for one in found if one["team"] == "lead")

    assert now <= datetime.fromisoformat(since) <= route.clock.now()
    assert datetime.fromisoformat(until) == now + minutes(600)


async def test_a_case_that_is_handed_over_goes_to_who_of_the_other_team_is_there(
    route: Running,
) -> None:
    ticket = await opened(route, "p1", 0.5)
    body: dict[str, Any] = {"team": "lead", "reason": "the press asks"}

    answer = await command(route, "boss", ticket, "hand-over", **body)

    assert (answer.json()["team"], answer.json()["owner"]) == ("lead", "lead-on-call")

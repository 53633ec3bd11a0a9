"""Who may command what on whose ticket, on both databases.

The inputs that break the easy version: an agent of one brand who guesses another's ticket id; two
who claim at once; an author that the body claims and the token does not.
"""

import asyncio
from typing import Any

import pytest

from schemas.posts import Author
from schemas.states import Change
from schemas.topics import ERASURES
from services.route.domain.commands import COMMANDS
from tests.builders import a_record
from tests.integration.route_calls import a_ticket, ask, command, decisions, route, wish
from tests.integration.test_route_on_its_store import Running
from tests.stored import everything_in

__all__ = ["route"]


@pytest.mark.parametrize(
    ("who", "name", "status"),
    [
        ("vera", "claim", 200),
        ("gleb", "claim", 200),
        ("ivo", "claim", 403),
        ("aud", "close", 403),
        ("shop", "claim", 404),
        ("gleb", "assign", 403),
        ("lena", "assign", 200),
        ("boss", "override", 200),
        ("vera", "override", 403),
        ("odd", "claim", 401),
    ],
)
async def test_a_command_needs_its_role_for_the_tickets_brand(
    route: Running, who: str, name: str, status: int
) -> None:
    ticket = await a_ticket(route)
    bodies: dict[str, dict[str, Any]] = {
        "assign": {"owner": "gleb-2", "reason": "he knows it"},
        "override": {"urgency": 99, "reason": "a journalist"},
    }

    answer = await command(route, who, ticket, name, **bodies.get(name, {}))
    await route.pump.run_until_idle()

    assert answer.status_code == status, answer.text
    assert len(route.changes()) == (2 if status == 200 else 1)


async def test_another_brands_tickets_are_not_there(route: Running) -> None:
    ours, theirs = await a_ticket(route), await a_ticket(route, "p2", brand="lavka")

    for who, ids in (("gleb", {ours.id}), ("shop", {theirs.id}), ("ivo", {ours.id, theirs.id})):
        found = (await ask(route, who, "/v1/tickets")).json()
        assert {one["id"] for one in found} == ids
        for ticket in (ours, theirs):
            answer = await ask(route, who, f"/v1/tickets/{ticket.id}")
            assert answer.status_code == (200 if ticket.id in ids else 404)


async def test_of_two_who_claim_at_once_one_has_it(route: Running) -> None:
    ticket = await a_ticket(route)

    answers = await asyncio.gather(
        *(command(route, who, ticket, "claim", minutes=20) for who in ("vera", "gleb"))
    )

    assert sorted(answer.status_code for answer in answers) == [200, 409]
    won = next(answer for answer in answers if answer.is_success).json()
    loser = "gleb" if won["claim"]["by"] == "vera" else "vera"
    again = await command(route, loser, ticket, "claim", won["version"])
    assert (again.status_code, again.json()["detail"]) == (409, "claimed_by_another")


async def test_the_author_of_a_command_is_the_bearer_whatever_the_body_says(
    route: Running,
) -> None:
    ticket = await a_ticket(route)

    forged = await command(route, "vera", ticket, "pause", by="boss", reason="asked for a receipt")
    honest = await command(route, "vera", ticket, "pause", reason="asked for a receipt")

    await route.pump.run_until_idle()
    assert (forged.status_code, honest.status_code) == (422, 200)
    event = route.changes()[-1]
    assert (event.change, event.by, event.reason) == (Change.paused, "vera", "asked for a receipt")


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("claim", {"minutes": 0}),
        ("claim", {"minutes": "many"}),
        ("pause", {}),
        ("override", {"urgency": 101, "reason": "because"}),
        ("close", {"outcome": "solved", "extra": 1}),
        ("hand-over", {"team": "nobody", "reason": "to whom?"}),
    ],
)
async def test_a_body_that_is_wrong_says_what_was_expected(
    route: Running, name: str, body: dict[str, Any]
) -> None:
    answer = await command(route, "boss", await a_ticket(route), name, **body)

    assert answer.status_code == 422, answer.text
    assert answer.json()["detail"]
    assert len(route.changes()) == 1


async def test_linked_cases_know_each_other_and_so_does_the_customers_next_one(
    route: Running,
) -> None:
    wall = await a_ticket(route, author="vk-anna")
    mail = await a_ticket(route, "p2", author="mail-anna")
    theirs = await a_ticket(route, "p3", author="vk-anna", brand="lavka")

    refused = [
        await command(route, "vera", wall, "link", ticket=name, reason="the same order")
        for name in (theirs.id, "nobody", wall.id)
    ]
    done = await command(route, "vera", wall, "link", ticket=mail.id, reason="the same order")
    again = await command(route, "vera", wall, "link", 2, ticket=mail.id, reason="the same order")
    await route.pump.run_until_idle()
    back = (await ask(route, "ivo", f"/v1/tickets/{mail.id}")).json()
    third = await a_ticket(route, "p4", author="mail-anna")

    assert [answer.status_code for answer in refused] == [422, 422, 409]
    assert (done.json()["related"], back["related"]) == ([mail.id], [wall.id])
    assert again.json()["detail"] == "nothing_to_change"
    assert [e.change for e in route.changes()][-3:-1] == [Change.linked, Change.linked]
    assert set(third.related) == {wall.id, mail.id}
    assert [d.inputs.earlier_contacts for d in decisions(route)] == [0, 0, 0, 2]


async def test_who_is_forgotten_is_linked_to_nobody(route: Running) -> None:
    wall = await a_ticket(route, author=Author(id="vk-anna", hash="a" * 64))
    mail = await a_ticket(route, "p2", author="mail-anna")
    await command(route, "vera", wall, "link", ticket=mail.id, reason="the same order")

    await route.broker([a_record(wish("a" * 64), topic=ERASURES.name)])
    await route.pump.run_until_idle()
    await a_ticket(route, "p3", author="mail-anna")

    assert decisions(route)[-1].inputs.earlier_contacts == 1
    assert "vk-anna" not in await everything_in(route.engine)


@pytest.mark.parametrize("page", ["/docs", "/redoc", "/docs/oauth2-redirect"])
async def test_no_page_loads_a_script_from_elsewhere(route: Running, page: str) -> None:
    answer = await route.http.get(page)

    assert answer.status_code == 404
    assert "<script" not in answer.text


async def test_the_descriptions_name_every_command_and_its_body(route: Running) -> None:
    described = (await route.http.get("/openapi.json")).json()

    commands = {path.rpartition("/")[2] for path in described["paths"] if "{ticket_id}/" in path}
    assert commands == set(COMMANDS)
    body = described["paths"]["/v1/tickets/{ticket_id}/hand-over"]["post"]["requestBody"]
    assert set(body["content"]["application/json"]["schema"]["properties"]) == {
        "team",
        "owner",
        "reason",
    }

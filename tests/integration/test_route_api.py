"""The API of route on both databases: roles and brands, commands, the trail, versions, labels.

The inputs that break the easy version: an agent of one brand who guesses another's ticket id; two
who claim at once; an author that the body claims and the token does not.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from fastapi import APIRouter
from httpx import ASGITransport

from schemas.decisions import Decision
from schemas.erasures import AuthorErased
from schemas.event import derive_id
from schemas.posts import Author
from schemas.states import Change
from schemas.tickets import Ticket
from schemas.topics import DECISIONS, ERASURES
from schemas.vocabulary import Intent
from services.route.api import api
from services.route.api.access import Bearer
from services.route.domain.commands import COMMANDS
from services.route.store.tables import METADATA
from stream.database import create_tables
from stream.memory_pump import MemoryBroker
from stream.tokens import Tokens
from tests.builders import MONDAY, a_classified, a_post, a_record, a_reply
from tests.integration.test_route_on_its_store import TEXT, Running
from tests.stored import everything_in
from tests.tokens import bearing, tokens_file

ROLES = {
    "vera": "agent",
    "gleb": "agent@severbank",
    "lena": "lead@severbank",
    "boss": "lead",
    "ivo": "viewer",
    "aud": "auditor",
    "shop": "admin@lavka",
    "root": "admin",
    "odd": "owner",
}


@pytest.fixture
async def route(database_url: str, tmp_path: Path) -> AsyncIterator[Running]:
    running = Running(database_url, MemoryBroker(), tmp_path)
    await create_tables(running.engine, METADATA)
    tokens = Tokens(str(tokens_file(tmp_path, **ROLES)))
    bearer = Bearer(tokens, running.clock)
    app = api(running.desks, running.rota, bearer, running.metrics, APIRouter())
    running.http = httpx.AsyncClient(transport=ASGITransport(app=app), base_url="http://route")
    yield running
    await running.http.aclose()
    await running.engine.dispose()


async def a_ticket(route: Running, native: str = "p1", **changes: Any) -> Ticket:
    """A case of severbank, or of the brand that is named."""
    await route.take(a_classified(a_post(native, **changes)))
    return route.changes()[-1].ticket


async def command(
    route: Running, who: str, case: Ticket, name: str, version: int | None = None, **body: Any
) -> httpx.Response:
    headers = {**bearing(who), "if-match": f'"{version or case.version}"'}
    return await route.http.post(f"/v1/tickets/{case.id}/{name}", headers=headers, json=body)


async def ask(route: Running, who: str, path: str, **params: str) -> httpx.Response:
    return await route.http.get(path, headers=bearing(who), params=params)


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


def decisions(route: Running) -> list[Decision]:
    log = route.broker.log(DECISIONS.name)
    return [msgspec.json.decode(record.value or b"", type=Decision) for record in log]


async def test_the_trail_says_who_when_why_and_what_changed(route: Running) -> None:
    ticket = await a_ticket(route)
    await command(route, "vera", ticket, "claim")
    await command(route, "lena", ticket, "hand-over", 2, team="fraud", reason="a stolen card")

    (newest, first) = (await ask(route, "aud", "/v1/audit", ticket=ticket.id)).json()

    assert (first["command"], first["by"], first["version"]) == ("claimed", "vera", 2)
    assert (newest["by"], newest["reason"]) == ("lena", "a stolen card")
    assert newest["changed"]["team"] == [ticket.team, "fraud"]
    assert (await ask(route, "vera", "/v1/audit")).status_code == 403
    assert (await ask(route, "shop", "/v1/audit")).json() == []


async def test_an_override_is_exported_as_a_label_of_the_customers_last_post(
    route: Running,
) -> None:
    ticket = await a_ticket(route)
    await route.take(a_classified(a_post("p2", thread_id="p1"), intent=Intent.question))
    version = route.changes()[-1].ticket.version
    done = await command(
        route,
        "lena",
        ticket,
        "override",
        version,
        disposition="no_reply_unresolvable",
        reason="nothing can be done",
    )
    assert done.status_code == 200

    lines = (await ask(route, "boss", "/v1/corrections")).text.splitlines()

    assert len(lines) == 1
    assert '"id":"p2"' in lines[0]
    assert '"disposition":"no_reply_unresolvable"' in lines[0]
    assert f'"was_disposition":"{ticket.disposition}"' in lines[0]


async def test_a_label_of_a_forgotten_customer_is_gone_and_the_trail_stays(route: Running) -> None:
    author = Author(id="anna", hash="a" * 64)
    ticket = await a_ticket(route, author=author)
    done = await command(route, "lena", ticket, "override", urgency=99, reason="a journalist")
    assert done.status_code == 200

    await route.broker([a_record(wish("a" * 64), topic=ERASURES.name)])
    await route.pump.run_until_idle()

    assert (await ask(route, "boss", "/v1/corrections")).text == ""
    assert len((await ask(route, "aud", "/v1/audit")).json()) == 1


def wish(author_hash: str) -> AuthorErased:
    return AuthorErased(
        event_id=derive_id(author_hash, "AuthorErased"),
        occurred_at=MONDAY,
        author_hash=author_hash,
        sources=("generic",),
        requested_at=MONDAY,
        receipt_id="r1",
    )


async def test_a_policy_is_put_by_a_lead_of_all_brands_and_only_if_it_is_fit(
    route: Running,
) -> None:
    second = TEXT.replace("policy: default", "policy: second")
    wrong = second.replace("team: fraud", "team: frod")
    strange = second.replace("people:\n", "templates: {fee: why a fee}\npeople:\n", 1)

    async def put(who: str, text: str) -> httpx.Response:
        return await route.http.post("/v1/policies", headers=bearing(who), content=text.encode())

    refused, unsaid = await put("boss", wrong), await put("boss", strange)
    answers = [await put(who, second) for who in ("vera", "lena", "boss")]

    assert refused.status_code == 422
    assert "frod" in refused.json()["errors"][0]["why"]
    assert refused.json()["errors"][0]["line"] > 1
    assert (unsaid.status_code, unsaid.json()["errors"][0]["path"]) == (422, "$.templates.fee")
    assert [answer.status_code for answer in answers] == [403, 403, 201]
    (running,) = (await ask(route, "aud", "/v1/policies")).json()
    assert running["author"] == "boss"
    full = (await ask(route, "aud", f"/v1/policies/{running['seq']}")).json()
    assert full["text"] == second
    assert (await ask(route, "aud", "/v1/policies/999")).status_code == 404


async def test_the_snapshot_since_holds_what_changed_closed_cases_included(
    route: Running,
) -> None:
    first, second = await a_ticket(route), await a_ticket(route, "p2", author="boris")
    before = route.clock.real()
    await command(route, "vera", first, "close")

    open_ones = (await ask(route, "ivo", "/v1/tickets")).json()
    changed = (await ask(route, "ivo", "/v1/tickets", since=before.isoformat())).json()
    later = (before + timedelta(hours=1)).isoformat()

    assert [one["id"] for one in open_ones] == [second.id]
    assert [(one["id"], one["state"]) for one in changed] == [(first.id, "closed")]
    assert (await ask(route, "ivo", "/v1/tickets", since=later)).json() == []
    assert (await ask(route, "ivo", "/v1/tickets", since="2026-11-30T02:00:00")).status_code == 422


async def test_the_thread_is_shown_without_a_word_of_it(route: Running) -> None:
    ticket = await a_ticket(route, text="тайное слово")
    await route.take(a_classified(a_post("p2", thread_id="p1", author="boris", text="чужое")))

    answer = await ask(route, "ivo", f"/v1/tickets/{ticket.id}")

    shown = [(one["post_id"], one["who"]) for one in answer.json()["thread"]]
    assert shown == [("p1", "customer"), ("p2", "somebody else")]
    assert "чужое" not in answer.text


@pytest.mark.parametrize(
    ("lang", "first", "then"),
    [
        ("ru", "Извините", "личны"),
        ("bg", "Извинете", "личн"),
        ("en", "sorry", "private message"),
    ],
)
async def test_a_reply_is_suggested_in_the_customers_language_for_the_next_step(
    route: Running, lang: str, first: str, then: str
) -> None:
    await route.take(a_classified(a_post(), lang=lang))
    path = f"/v1/tickets/{route.changes()[-1].ticket.id}"
    to_begin_with = (await ask(route, "ivo", path)).json()["suggestion"]

    reply = a_reply("r1", "p1", at=MONDAY + timedelta(minutes=5))
    await route.take(a_classified(reply, review="acknowledgement"))
    afterwards = (await ask(route, "ivo", path)).json()["suggestion"]

    assert first.lower() in to_begin_with.lower()
    assert then in afterwards
    assert "{customer}" in to_begin_with


@pytest.mark.parametrize("lang", ["ru", "bg", "en"])
async def test_what_was_done_stays_a_blank_and_the_text_fits_its_platform(
    route: Running, lang: str
) -> None:
    asked = a_post(source="x", account="bank", author="boris")
    await route.take(a_classified(asked, lang=lang, intent=Intent.question, fair_claim=False))

    answer = await ask(route, "ivo", f"/v1/tickets/{route.changes()[-1].ticket.id}")

    suggestion = answer.json()["suggestion"]
    assert "{action_done}" in suggestion
    assert len(suggestion) < 280
    assert answer.headers["etag"] == '"1"'


async def test_nothing_is_suggested_in_a_language_that_nobody_wrote_a_text_in(
    route: Running,
) -> None:
    await route.take(a_classified(a_post(), lang="de"))

    answer = await ask(route, "ivo", f"/v1/tickets/{route.changes()[-1].ticket.id}")

    assert answer.json()["suggestion"] is None


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

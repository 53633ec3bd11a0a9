"""What of a case is shown to whom: the snapshot, its thread, a reply to begin with.

The inputs that break the easy version: a case that was closed since the last look; somebody else's
words in the thread; a language in which nobody wrote a text; a dialogue that nobody else reads; a
question under the same post of another brand.
"""

from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import event

from schemas.vocabulary import Intent, Space, Visibility
from services.route.store.cases import keep_ticket
from stream.clock import parse_clock
from tests.builders import MONDAY, a_classified, a_post, a_reply
from tests.integration.route_calls import a_ticket, ask, command, route
from tests.integration.test_route_on_its_store import Running

__all__ = ["route"]


async def test_the_snapshot_since_holds_what_changed_closed_cases_included(
    route: Running,
) -> None:
    first, second = await a_ticket(route), await a_ticket(route, "p2", author="boris")
    before = parse_clock("").real()
    await command(route, "vera", first, "close")

    open_ones = (await ask(route, "ivo", "/v1/tickets")).json()
    changed = (await ask(route, "ivo", "/v1/tickets", since=before.isoformat())).json()
    later = (before + timedelta(hours=1)).isoformat()

    assert [one["id"] for one in open_ones] == [second.id]
    assert [(one["id"], one["state"]) for one in changed] == [(first.id, "closed")]
    assert (await ask(route, "ivo", "/v1/tickets", since=later)).json() == []
    assert (await ask(route, "ivo", "/v1/tickets", since="2026-11-30T02:00:00")).status_code == 422


async def test_a_team_that_nobody_knows_is_said_and_those_that_are_known(route: Running) -> None:
    ticket = await a_ticket(route)
    gone = msgspec.structs.replace(ticket, team="renamed")
    async with route.engine.begin() as connection:
        await keep_ticket(connection, gone, 0)

    typo = await ask(route, "ivo", "/v1/tickets", team="crae")
    idle, left = [await ask(route, "ivo", "/v1/tickets", team=x) for x in ("fraud", "renamed")]
    last = await ask(route, "ivo", "/v1/tickets", team="renamed", after=ticket.id)

    assert typo.status_code == 422
    assert "expected one of care, fraud, languages, lead" in typo.json()["detail"]
    assert "did you mean `care`?" in typo.json()["detail"]
    assert (idle.status_code, idle.json()) == (200, [])
    assert [one["id"] for one in left.json()] == [ticket.id]
    assert (last.status_code, last.json()) == (200, [])


async def test_the_thread_is_shown_without_a_word_of_it(route: Running) -> None:
    ticket = await a_ticket(route, text="тайное слово")
    await route.take(a_classified(a_post("p2", thread_id="p1", author="boris", text="чужое")))

    answer = await ask(route, "ivo", f"/v1/tickets/{ticket.id}")

    shown = [(one["post_id"], one["who"]) for one in answer.json()["thread"]]
    assert shown == [("p1", "customer"), ("p2", "somebody else")]
    assert "чужое" not in answer.text


async def test_what_others_ask_under_the_same_post_is_told_in_one_more_query(
    route: Running,
) -> None:
    question = {"intent": Intent.question, "fair_claim": False}
    await route.take(a_classified(a_post("p1"), **question))
    ticket = route.changes()[-1].ticket
    for brand, conversation in (("severbank", "wall-1"), ("severbank", "w2"), ("lavka", "wall-1")):
        place = {"brand": brand, "conversation_id": conversation, "author": f"{brand}'s guest"}
        name = f"{brand}:{conversation}"
        await route.take(a_classified(a_post(name, text="чужое", **place), lang="bg", **question))
    closed = await a_ticket(route, "p9", author="calm")
    await command(route, "vera", closed, "close")
    other = next(e.ticket for e in route.changes() if e.post_id == "severbank:wall-1")
    asked: list[str] = []
    event.listen(
        route.engine.sync_engine, "before_cursor_execute", lambda *said: asked.append(said[2])
    )

    answer = await ask(route, "ivo", f"/v1/tickets/{ticket.id}")

    (row,) = answer.json()["also_asked"]
    assert row["ticket_id"] == other.id
    assert (row["post_ids"], row["lang"], row["answered"]) == (["severbank:wall-1"], "bg", False)
    assert row["asked_at"] == answer.json()["opened_at"]
    assert "guest" not in answer.text
    assert "чужое" not in answer.text
    assert len([one for one in asked if one.startswith("SELECT")]) == 3


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


@pytest.mark.parametrize(
    ("lang", "asks"), [("ru", "номер заказа"), ("bg", "номера на поръчката"), ("en", "order")]
)
async def test_in_a_private_dialogue_the_details_are_asked_for_and_never_in_public(
    route: Running, lang: str, asks: str
) -> None:
    apart = {"visibility": Visibility.private, "space": Space.dm, "parent_id": None}
    await route.take(a_classified(a_post("dm1", author="boris", **apart), lang=lang))
    private = route.changes()[-1].ticket
    await route.take(a_classified(a_post("p1"), lang=lang))
    later = a_post("p2", thread_id="p1", at=MONDAY + timedelta(minutes=5), **apart)
    await route.take(a_classified(later, lang=lang))
    public = route.changes()[-1].ticket

    one, other = [
        (await ask(route, "ivo", f"/v1/tickets/{ticket.id}")).json() for ticket in (private, public)
    ]

    assert (one["visibility"], other["visibility"]) == ("private", "public")
    assert asks in one["suggestion"]
    assert asks not in other["suggestion"]


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

"""Why, with the store beside the events or without any, on both databases.

The inputs that break the easy version: the fortieth case of an outage, which its alert does not
name; an override that is in the export and in the trail; a store that is not there, and must not be
made by looking.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from schemas.classified import ClassifiedPost
from schemas.decisions import Decision
from schemas.event import Event, encode
from schemas.tickets import TicketEvent
from schemas.topics import CLASSIFIED, DECISIONS, TICKETS
from schemas.vocabulary import CaseTopic
from services.route.__main__ import main
from services.route.domain.why import page, tickets_meant
from services.route.store.kept import kept_of
from services.route.store.policies import activate
from services.route.store.read_only import Unreadable, reading
from tests.builders import a_classified, a_post
from tests.integration.route_calls import a_ticket, command, route
from tests.integration.test_route_on_its_store import TEXT, Refusing, Running, outage

__all__ = ["route"]

WALL = "https://vk.com/wall-1_7?reply={}"


def exported(route: Running) -> list[Event]:
    """The events so far, as an export would hold them."""
    kinds: Sequence[tuple[str, type[Event]]] = (
        (CLASSIFIED.name, ClassifiedPost),
        (DECISIONS.name, Decision),
        (TICKETS.name, TicketEvent),
    )
    return [
        msgspec.json.decode(record.value or b"", type=kind)
        for topic, kind in kinds
        for record in route.broker.log(topic)
    ]


async def the_page(url: str, post: str, events: Sequence[Event] = ()) -> str:
    kept = await kept_of(url, post, tickets_meant(events, post))
    found = page(events, post, kept)
    assert found is not None
    return found


async def test_the_author_of_the_policy_is_who_put_the_version_that_decided(
    route: Running, database_url: str
) -> None:
    await activate(route.engine, TEXT, author="file default.yaml", clock=route.clock)
    await a_ticket(route)
    events = exported(route)
    other = TEXT.replace("policy: default", "policy: second")
    await activate(route.engine, other, author="boss", clock=route.clock)
    await activate(route.engine, TEXT, author="root", clock=route.clock)

    text = await the_page(database_url, "p1", events)

    assert "put by file default.yaml\n" in text


async def test_an_override_is_told_once_whether_exported_or_in_the_trail(
    route: Running, database_url: str
) -> None:
    ticket = await a_ticket(route)
    before = exported(route)
    done = await command(route, "lena", ticket, "override", urgency=99, reason="журналист пита")
    assert done.status_code == 200
    await route.ledger.drain([0])

    pages = [await the_page(database_url, "p1", events) for events in (before, exported(route))]

    assert [one.count("\noverridden by lena") for one in pages] == [1, 1]
    assert all("журналист пита" in one for one in pages)
    assert "urgency 99" in pages[0]


async def test_each_case_of_an_outage_is_told_where_its_one_alert_went(
    route: Running, database_url: str
) -> None:
    await route.take(*outage(40))
    await route.calls()
    refused = await the_page(database_url, "p39", exported(route))
    channel = Refusing(times=1)
    await route.delivered(channel, "care-alerts")

    told = await the_page(database_url, "p39", exported(route))

    assert "not accepted yet, attempts 0" in refused
    assert "raised to care-alerts: accepted" in told
    assert "attempt 2" in told
    assert "delivery" not in await the_page(database_url, "p1", exported(route))


@pytest.mark.parametrize("said", ["vk:1", WALL.format(1), "vk.com/wall-1_7"])
async def test_without_an_export_the_store_tells_the_case_as_it_stands(
    route: Running, database_url: str, said: str
) -> None:
    await activate(route.engine, TEXT, author="boss", clock=route.clock)
    ticket = await a_ticket(route, "vk:1", url=WALL.format(1), text="тайное слово")
    done = await command(route, "lena", ticket, "override", urgency=99, reason="a journalist")
    assert done.status_code == 200

    text = await the_page(database_url, said)

    assert f"ticket     {ticket.id}" in text
    assert "           03-02 12:00  customer_wrote" in text
    assert f"(rule {ticket.rule_id}), as the case stands" in text
    assert "put by boss" in text
    assert "overridden by lena" in text
    assert "priority   " in text


async def test_a_promise_that_holds_day_and_night_leaves_the_zone_to_the_policy(
    route: Running, database_url: str
) -> None:
    await activate(route.engine, TEXT, author="boss", clock=route.clock)
    stolen = a_classified(a_post(), topic=CaseTopic.fraud_security, urgency=90)
    await route.take(stolen)

    text = await the_page(database_url, "p1", exported(route))

    assert "promise    minutes, calendar in UTC" in text
    assert "2026-03-02 12:00 Europe/Sofia (10:00 UTC)" in text


async def test_of_two_cases_under_one_wall_the_whole_url_tells_which(
    route: Running, database_url: str
) -> None:
    cases = [await a_ticket(route, f"vk:{n}", url=WALL.format(n), author=f"c{n}") for n in range(2)]

    text = await the_page(database_url, WALL.format(1))

    assert cases[1].id in text
    assert cases[0].id not in text


async def test_looking_writes_nothing(route: Running, database_url: str) -> None:
    await a_ticket(route)
    engine = reading(database_url)

    async with engine.connect() as connection:
        with pytest.raises(DBAPIError, match=r"read-?only"):
            await connection.execute(text("DELETE FROM route_tickets"))
    await engine.dispose()

    assert "ticket     " in await the_page(database_url, "p1")


async def test_a_store_that_is_not_there_is_said_and_not_made(
    route: Running,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    missing, export = tmp_path / "none.db", tmp_path / "events.jsonl"
    await route.take(a_classified(a_post(text="Къде е парцелът ми?")))
    export.write_bytes(b"\n".join(map(encode, exported(route))))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{missing}")

    with pytest.raises(Unreadable):
        await kept_of(f"sqlite:///{missing}", "p1", ())
    without = await asyncio.to_thread(main, ["why", "p1"])
    beside = await asyncio.to_thread(main, ["why", "p1", "--events", str(export)])
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{export}")
    no_store = await asyncio.to_thread(main, ["why", "p1"])

    said = capsys.readouterr()
    assert (without, beside, no_store) == (1, 0, 1)
    assert "expected route's store at DATABASE_URL" in said.err
    assert "Къде е парцелът ми?" in said.out
    assert not missing.exists()


async def test_a_store_that_is_there_is_asked_from_the_command_line(
    route: Running,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    ticket = await a_ticket(route)
    monkeypatch.setenv("DATABASE_URL", database_url)

    assert await asyncio.to_thread(main, ["why", "p1"]) == 0
    assert await asyncio.to_thread(main, ["why", "nobody's"]) == 1

    said = capsys.readouterr()
    assert f"ticket     {ticket.id}" in said.out
    assert "no post `nobody's` here" in said.err

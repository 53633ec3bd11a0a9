"""A drill through route on both databases: people are called as in an emergency, nothing else is.

The inputs that break the easy version: the same post of a drill twice; a drill and a real theft in
one step; a real customer's thread beside it; a drill that many wrote, beside real ones of the same
topic; one that somebody takes, though no case can be claimed; one that a channel never takes; a
rehearsal that is drilled; one that nobody ends.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from fastapi import APIRouter
from httpx import ASGITransport

from schemas.alerts import AlertChanged
from schemas.classified import ClassifiedPost
from schemas.topics import DECISIONS, TICKETS
from schemas.vocabulary import CaseTopic
from services.route.__main__ import main
from services.route.api import api, with_reports
from services.route.api.access import Bearer
from services.route.domain.board import Around, Board
from services.route.domain.book import Book
from services.route.domain.desk import Rules, Seat
from services.route.domain.drilling import Drilling
from services.route.domain.intents import AlertIntent
from services.route.settings import read_needs
from services.route.store.costs import StoredCosts
from services.route.store.drills import StoredDrills
from stream.tokens import Tokens
from tests.builders import MONDAY, a_classified, a_post, minutes
from tests.integration.route_calls import ROLES
from tests.integration.test_route_on_its_store import POLICY, Refusing, Running, running
from tests.stored import rows_in
from tests.tokens import bearing, tokens_file

DRILL = "stolen-card-20260302T101900"
REAL = ("route_tickets", "route_posts", "route_windows", "route_moods", "route_copies")
"""Where real customers are counted."""
TEXTS = {
    "ru": "У меня украли карту, прямо сейчас списывают деньги! Срочно заблокируйте!",
    "bg": "Откраднаха ми картата и в момента теглят пари от сметката! Блокирайте я веднага!",
    "en": "My card was stolen and somebody is charging it right now! Block it immediately!",
}


@pytest.fixture
async def route(database_url: str, tmp_path: Path) -> AsyncIterator[Running]:
    async with running(database_url, tmp_path) as found:
        rules = Rules(policy=POLICY, seq=1, needs={})
        bearer = Bearer(Tokens(str(tokens_file(tmp_path, **ROLES))), found.clock)
        app = api(found.desks, found.rota, bearer, found.metrics, APIRouter())
        costs = StoredCosts(found.engine, lambda: rules, found.clock)
        app = with_reports(app, costs, StoredDrills(found.engine, found.clock), bearer)
        await found.http.aclose()
        found.http = httpx.AsyncClient(transport=ASGITransport(app=app), base_url="http://route")
        yield found


def theft(
    native: str = "d1", *, drill: str | None = DRILL, lang: str = "ru", **of: Any
) -> ClassifiedPost:
    """A stolen card at 10:19:00, as ingest hands it in."""
    at = MONDAY + minutes(19)
    post = a_post(
        native, author=f"c-{native}", at=at, received_at=at, drill=drill, text=TEXTS[lang]
    )
    axes = {"topic": CaseTopic.fraud_security, "urgency": 90, "lang": lang, **of}
    return a_classified(post, **axes)


def drilled_by(rules: Rules) -> list[AlertIntent]:
    """What a theft of a drill leaves, a minute before Monday noon."""
    book = Book()
    at = MONDAY - minutes(1)
    event = theft("d1")
    post = msgspec.structs.replace(event.post, occurred_at=at, posted_at=at, received_at=at)
    Drilling().settle(msgspec.structs.replace(event, post=post), book, rules, Seat(partition=0))
    return book.intents


async def told(route: Running, *channels: str) -> list[AlertChanged]:
    await route.calls()
    await route.ledger.drain([0])
    for name in channels:
        await route.delivered(Refusing(times=0), name)
    return route.told()


async def report(route: Running, who: str = "aud", name: str = DRILL) -> Any:
    answer = await route.http.get(f"/v1/drills/{name}", headers=bearing(who))
    return answer.json() if answer.status_code == 200 else answer.status_code


async def real_rows(route: Running) -> list[str]:
    return [row for row in await rows_in(route.engine) if row.startswith(REAL)]


@pytest.mark.parametrize("lang", list(TEXTS))
async def test_a_drill_calls_the_team_marked_and_leaves_nothing_else(
    route: Running, lang: str
) -> None:
    await route.take(theft(lang=lang))
    channel = Refusing(times=0)
    await told(route)
    await route.delivered(channel, "fraud-alerts")

    (alert,) = channel.alerts
    assert alert.exercise
    assert route.broker.log(TICKETS.name) == []
    assert route.broker.log(DECISIONS.name) == []
    assert await real_rows(route) == []
    assert TEXTS[lang] not in "\n".join(await rows_in(route.engine))


async def test_no_number_of_the_business_counts_a_drill_but_its_own_does(route: Running) -> None:
    await route.take(theft("d1"), theft("d2"), theft("d1"))

    counted = {
        sample.name: sample.value
        for family in (
            route.metrics.decisions,
            route.metrics.tickets_opened,
            route.metrics.drill_decisions,
        )
        for one in family.collect()
        for sample in one.samples
        if sample.name.endswith("_total")
    }
    assert counted == {"otklik_drill_decisions_total": 2}


async def test_a_real_customer_is_decided_on_as_if_there_were_no_drill(route: Running) -> None:
    many = [theft(f"d{n}") for n in range(20)]
    await route.take(*many)
    await route.take(theft("p1", drill=None))

    (event,) = route.changes()
    log = route.broker.log(DECISIONS.name)
    (decision,) = [json.loads(record.value or b"") for record in log]
    assert event.ticket.related == ()
    assert decision["inputs"]["topic_count"] == 1
    assert not decision["inputs"]["hot"]
    assert decision["inputs"]["earlier_contacts"] == 0
    assert decision["inputs"]["thread_posts"] <= 1


async def test_a_drill_and_a_real_theft_in_one_step_are_two_calls(route: Running) -> None:
    await route.take(theft("d1"), theft("p1", drill=None))

    alerts = await told(route)

    assert sorted((one.exercise, one.count) for one in alerts) == [(False, 1), (True, 1)]
    assert len(route.changes()) == 1


async def test_many_of_a_drill_are_a_hot_topic_of_the_drill(route: Running) -> None:
    topic = CaseTopic.outage_availability
    await route.take(*(theft(f"d{n}", topic=topic, urgency=60) for n in range(20)))

    drilled = await told(route)

    assert {(one.kind.value, one.exercise) for one in drilled} == {("hot_topic", True)}


def test_the_same_call_of_a_drill_of_another_and_in_earnest_are_three() -> None:
    rules = Rules(policy=POLICY, seq=1, needs=read_needs())
    around = Around(policy=POLICY, needs=rules.needs, now=MONDAY)
    (drilled,) = drilled_by(rules)
    board = Board()

    for drill in (DRILL, "other", None, DRILL):
        board.take(msgspec.structs.replace(drilled, drill=drill), around)

    assert sorted(group.drill or "" for group in board.groups.values()) == ["", "other", DRILL]


async def test_the_report_tells_who_heard_when_who_took_it_and_what_escalated(
    route: Running,
) -> None:
    await route.take(theft("d1"))
    await told(route, "fraud-alerts")  # 60 s after the post
    route.clock.passes(minutes=5)
    await told(route)  # to the lead; the channel has not taken it
    key = route.told()[0].group_key
    route.clock.passes(seconds=30)
    await route.http.post(f"/v1/alerts/{key}/ack", headers=bearing("vera"))
    await told(route, "fraud-alerts")

    found = await report(route)

    (alert,) = found["alerts"]
    heard = {(one["channel"], one["state"]): one["seconds"] for one in alert["heard"]}
    assert heard[("fraud-alerts", "raised")] == 60
    assert heard[("fraud-alerts", "acknowledged")] == 390
    assert heard[("lead-alerts", "escalated")] is None
    assert (alert["acknowledged_by"], alert["acknowledged_seconds"]) == ("vera", 390)
    assert (alert["level"], found["escalated"], found["untaken"]) == (1, [key], [])
    assert found["never"] == ["lead-alerts"]
    raised = next(one for one in alert["heard"] if one["state"] == "raised")
    assert raised["people"] == ["anna"]


async def test_who_takes_a_drill_has_taken_it_for_there_is_no_case_to_claim(
    route: Running,
) -> None:
    await route.take(theft("d1"))
    await told(route, "fraud-alerts")
    key = route.told()[0].group_key
    await route.http.post(f"/v1/alerts/{key}/ack", headers=bearing("vera"))

    for _ in range(10):
        route.clock.passes(minutes=5)
        await told(route, "fraud-alerts", "lead-alerts")

    assert [one.state.value for one in route.told()] == ["raised", "acknowledged"]


async def test_a_drill_is_over_when_somebody_ends_it(route: Running) -> None:
    await route.take(theft("d1"), theft("p1", drill=None))
    await told(route, "fraud-alerts")

    answers = [
        (await route.http.delete(f"/v1/drills/{DRILL}", headers=bearing(who))).status_code
        for who in ("vera", "aud", "shop", "boss", "boss")
    ]
    route.clock.passes(minutes=6)
    alerts = await told(route)

    assert answers == [403, 403, 204, 204, 204]
    resolved = [one for one in alerts if one.state == "resolved"]
    assert [one.exercise for one in resolved] == [True]
    assert not any(one.state == "escalated" and one.exercise for one in alerts)
    assert any(one.state == "escalated" and not one.exercise for one in alerts)


async def test_who_directs_another_brand_ends_no_drill_of_this_one(route: Running) -> None:
    await route.take(theft("d1"))
    await told(route, "fraud-alerts")

    await route.http.delete(f"/v1/drills/{DRILL}", headers=bearing("shop"))
    route.clock.passes(minutes=6)

    assert [one.state.value for one in await told(route)] == ["raised", "escalated"]


async def test_a_drill_that_nobody_ends_is_over_after_a_day(route: Running) -> None:
    await route.take(theft("d1"))
    await told(route, "fraud-alerts")

    for _ in range(26):
        route.clock.passes(hours=1)
        await told(route, "fraud-alerts", "lead-alerts")

    assert route.told()[-1].state == "resolved"
    (alert,) = (await report(route))["alerts"]
    assert alert["ended_at"] is not None


@pytest.mark.parametrize(
    ("who", "name", "status"),
    [
        ("ivo", DRILL, 403),
        ("vera", DRILL, 403),
        ("shop", DRILL, 404),
        ("aud", "stolen-card", 404),
        ("aud", "%", 404),
        ("nobody", DRILL, 401),
    ],
)
async def test_the_report_is_for_who_checks_that_brand_and_of_that_drill(
    route: Running, who: str, name: str, status: int
) -> None:
    await route.take(theft("d1"))
    await told(route)

    assert await report(route, who, name) == status
    assert (await report(route, "lena"))["drill"] == DRILL


async def test_it_is_told_in_three_languages_and_read_by_a_machine(
    route: Running,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    await route.take(theft("d1"))
    await told(route, "fraud-alerts")
    monkeypatch.setenv("DATABASE_URL", database_url)
    found = {}
    for lang in TEXTS:
        assert await asyncio.to_thread(main, ["drill", DRILL, "--lang", lang]) == 0
        found[lang] = capsys.readouterr().out
    assert await asyncio.to_thread(main, ["drill", DRILL, "--format", "json"]) == 0

    assert json.loads(capsys.readouterr().out) == await report(route)
    assert "fraud-alerts: вызов, через 60.0 с после поста (anna)" in found["ru"]
    assert "fraud-alerts: повикване, 60.0 с след публикацията (anna)" in found["bg"]
    assert "fraud-alerts: raised, 60.0 s after the post (anna)" in found["en"]
    assert ["никто не взял" in found["ru"], "никой не го пое" in found["bg"]] == [True, True]
    assert await asyncio.to_thread(main, ["drill", "none"]) == 1


async def test_a_drill_costs_nobody_anything(route: Running) -> None:
    await route.take(theft("d1"))
    await told(route, "fraud-alerts")
    day = {"since": MONDAY.isoformat(), "until": (MONDAY + timedelta(days=1)).isoformat()}

    answer = await route.http.get("/v1/alerts/cost", headers=bearing("aud"), params=day)

    assert (answer.json()["load"]["alerts"], answer.json()["exercises"]["alerts"]) == (0, 1)


async def test_a_drill_under_a_policy_that_rehearses_stays_in_the_test_channel() -> None:
    around = Around(
        policy=msgspec.structs.replace(POLICY, live=False), needs=read_needs(), now=MONDAY
    )
    rules = Rules(policy=POLICY, seq=1, needs=read_needs())
    board = Board()
    for intent in drilled_by(rules):
        board.take(intent, around)

    (group,) = board.groups.values()
    board.flush(group, around, ())

    assert [one.channels for one in board.told] == [("test",)]
    assert (group.drill, group.mark) == (DRILL, f"rehearsal:{DRILL}")

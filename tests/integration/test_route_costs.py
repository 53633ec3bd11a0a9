"""What a day of alerts cost, worked out by hand and asked of both databases.

The inputs that break the easy version: one message that two channels took; one that no channel
took; what was told at the last instant of the time that is asked for; a matter that was answered
and never acknowledged; one that two people mark; an exercise; a caller of another brand; a store
that is not there, and must not be made by looking.

The day, Monday 2 March 2026, of the fraud team in Sofia (UTC+2):

    12:20  p1 is raised: anna                     12:25  nobody took it: lead-on-call
    12:30  vera has it                            12:36  it is answered, and over
    23:31  p2 is raised: night-desk               23:36  nobody took it: lead-on-call
    23:40  vera marks it as useless               23:50  p3 is raised: no channel takes it,
                                                  and at 23:52 it is answered, and moot
"""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import APIRouter
from httpx import ASGITransport
from sqlalchemy import text

from schemas.vocabulary import CaseTopic
from services.route.__main__ import main
from services.route.api import api, with_reports
from services.route.api.access import Bearer
from services.route.domain.alert_facts import Zones
from services.route.domain.desk import Rules
from services.route.store.costs import StoredCosts, cost_between, cost_in
from services.route.store.drills import StoredDrills
from services.route.store.policies import activate
from services.route.store.read_only import Unreadable
from services.route.store.tables import METADATA
from stream.tokens import Tokens
from tests.builders import MONDAY, a_classified, a_post, a_reply
from tests.hands import hands
from tests.integration.route_calls import ROLES
from tests.integration.test_rehearsal import rehearsing
from tests.integration.test_route_on_its_store import POLICY, TEXT, Refusing, Running, running
from tests.stored import opened
from tests.tokens import bearing, tokens_file

DAY = {"since": "2026-03-02T00:00:00Z", "until": "2026-03-02T22:00:00Z"}
REASONS = {"ru": "не повод", "bg": "не беше повод", "en": "no reason to call"}


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


def at(hour: int, minute: int) -> datetime:
    """By the clocks of Sofia."""
    return datetime(2026, 3, 2, hour - 2, minute, tzinfo=UTC)


async def stolen(route: Running, native: str, hour: int, minute: int) -> str:
    """A theft is told of at that time; the key of its group."""
    route.clock.move(at(hour, minute))
    post = a_post(native, author=f"c-{native}", at=at(hour, minute))
    await route.take(a_classified(post, topic=CaseTopic.fraud_security, urgency=90))
    await told(route)
    return route.told()[-1].group_key


async def told(route: Running, *channels: str) -> None:
    await route.calls()
    await route.ledger.drain([0])
    for name in channels:
        await route.delivered(Refusing(times=0), name)


async def the_day(route: Running) -> tuple[str, str]:
    """Both groups that were told of."""
    both = "fraud-alerts", "lead-alerts"
    first = await stolen(route, "p1", 12, 20)
    await told(route, *both)
    route.clock.move(at(12, 25))
    await told(route, *both)
    route.clock.move(at(12, 30))
    await post(route, "vera", first, "ack")
    await told(route, *both)
    route.clock.move(at(12, 36))
    await route.take(a_classified(a_reply("r1", "p1", at=at(12, 35))))
    await told(route, *both)
    second = await stolen(route, "p2", 23, 31)
    await told(route, *both)
    route.clock.move(at(23, 36))
    await told(route, *both)
    route.clock.move(at(23, 40))
    await post(route, "vera", second, "useless", reason=REASONS["bg"])
    await stolen(route, "p3", 23, 50)
    route.clock.move(at(23, 52))
    await route.take(a_classified(a_reply("r3", "p3", at=at(23, 51))))
    await told(route)
    return first, second


async def post(route: Running, who: str, key: str, name: str, **body: Any) -> httpx.Response:
    url = f"/v1/alerts/{key}/{name}"
    return await route.http.post(url, headers=bearing(who), json=body)


async def cost(route: Running, who: str = "aud", **times: str) -> Any:
    asked = {**DAY, **times}
    answer = await route.http.get("/v1/alerts/cost", headers=bearing(who), params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


def shown(load: dict[str, Any]) -> tuple[int, int, int, int]:
    return load["alerts"], load["matters"], load["acknowledged"], load["useless"]


async def test_the_day_costs_what_a_hand_counts(route: Running) -> None:
    await the_day(route)

    found = await cost(route)

    assert shown(found["load"]) == (4, 2, 1, 1)
    assert (found["load"]["share_acknowledged"], found["load"]["share_useless"]) == (0.5, 0.5)
    people = {one["person"]: (*shown(one["load"]), one["night"]) for one in found["people"]}
    assert people == {
        "anna": (1, 1, 1, 0, {"alerts": 0, "nights": 0}),
        "lead-on-call": (2, 2, 1, 1, {"alerts": 1, "nights": 1}),
        "night-desk": (1, 1, 0, 1, {"alerts": 1, "nights": 1}),
    }
    assert [(one["hour"]["since"], one["person"]) for one in found["hours"]] == [
        ("2026-03-02T10:00:00Z", "anna"),
        ("2026-03-02T10:00:00Z", "lead-on-call"),
        ("2026-03-02T21:00:00Z", "lead-on-call"),
        ("2026-03-02T21:00:00Z", "night-desk"),
    ]
    (team,) = found["teams"]
    assert (team["team"], shown(team["load"]), team["to_nobody"]) == ("fraud", (4, 2, 1, 1), 0)
    assert found["woken"] == ["lead-on-call", "night-desk"]
    assert found["busiest"] == {
        "since": "2026-03-02T10:00:00Z",
        "zone": "Europe/Sofia",
        "alerts": 2,
    }


async def test_what_was_answered_is_of_use_though_nobody_acknowledged_it(route: Running) -> None:
    await stolen(route, "p1", 12, 20)
    await told(route, "fraud-alerts")
    route.clock.move(at(12, 24))
    await route.take(a_classified(a_reply("r1", "p1", at=at(12, 23))))
    route.clock.move(at(12, 30))
    await told(route, "fraud-alerts")
    assert route.told()[-1].state == "resolved"

    assert shown((await cost(route))["load"]) == (1, 1, 0, 0)


async def test_a_time_begins_with_its_first_instant_and_ends_before_its_last(
    route: Running,
) -> None:
    await the_day(route)
    raised, escalated = "2026-03-02T10:20:00Z", "2026-03-02T10:25:00Z"

    counts = [
        (await cost(route, since=since, until=until))["load"]["alerts"]
        for since, until in ((raised, escalated), (DAY["since"], raised), (escalated, DAY["until"]))
    ]

    assert counts == [1, 0, 3]


async def test_one_message_that_two_channels_took_is_one_alert(route: Running) -> None:
    """Four hours later it is told again, to both that know of it."""
    await stolen(route, "p1", 12, 20)
    await told(route, "fraud-alerts")
    route.clock.move(at(12, 25))
    await told(route, "fraud-alerts", "lead-alerts")
    route.clock.move(at(16, 25))
    await told(route, "fraud-alerts", "lead-alerts")
    assert route.told()[-1].state == "repeated"

    assert (await cost(route))["load"]["alerts"] == 3


@pytest.mark.parametrize("lang", list(REASONS))
async def test_an_alert_is_marked_once_and_the_first_who_said_so_stays(
    route: Running, lang: str
) -> None:
    key = await stolen(route, "p1", 12, 20)
    reason = REASONS[lang]

    first = await post(route, "vera", key, "useless", reason=reason)
    second = await post(route, "gleb", key, "useless", reason="the same")

    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json()["useless_by"] == second.json()["useless_by"] == "vera"
    trail = await route.http.get("/v1/audit", headers=bearing("aud"))
    (noted,) = [one for one in trail.json() if one["command"] == "useless"]
    assert (noted["by"], noted["reason"], noted["brand"]) == ("vera", reason, "severbank")


@pytest.mark.parametrize(
    ("who", "key", "body", "status"),
    [
        ("vera", None, {"reason": "шум"}, 200),
        ("gleb", None, {"reason": "шум"}, 200),
        ("ivo", None, {"reason": "шум"}, 403),
        ("aud", None, {"reason": "шум"}, 403),
        ("shop", None, {"reason": "шум"}, 403),
        ("nobody", None, {"reason": "шум"}, 401),
        ("vera", "severbank:case:none", {"reason": "шум"}, 404),
        ("vera", None, {}, 422),
        ("vera", None, {"reason": ""}, 422),
        ("vera", None, {"reason": "шум", "by": "gleb"}, 422),
    ],
)
async def test_who_works_on_cases_may_say_that_an_alert_was_useless(
    route: Running, who: str, key: str | None, body: dict[str, Any], status: int
) -> None:
    there = await stolen(route, "p1", 12, 20)

    assert (await post(route, who, key or there, "useless", **body)).status_code == status


async def test_a_mark_outlives_what_becomes_of_the_group(route: Running) -> None:
    key = await stolen(route, "p1", 12, 20)
    await post(route, "vera", key, "useless", reason="шум")
    route.clock.move(at(12, 25))
    await told(route, "fraud-alerts", "lead-alerts")
    await post(route, "gleb", key, "ack")
    await told(route)

    load = (await cost(route))["load"]

    assert (load["useless"], load["acknowledged"]) == (1, 1)


@pytest.mark.parametrize(
    ("who", "alerts"), [("aud", 4), ("boss", 4), ("root", 4), ("lena", 4), ("shop", 0)]
)
async def test_a_caller_sees_the_cost_of_the_own_brands(
    route: Running, who: str, alerts: int
) -> None:
    await the_day(route)

    assert (await cost(route, who))["load"]["alerts"] == alerts


@pytest.mark.parametrize(
    ("who", "times", "status"),
    [
        ("vera", DAY, 403),
        ("ivo", DAY, 403),
        ("nobody", DAY, 401),
        ("aud", {"since": DAY["since"]}, 422),
        ("aud", {"since": DAY["until"], "until": DAY["since"]}, 422),
        ("aud", {"since": "2026-03-02T00:00:00", "until": DAY["until"]}, 422),
    ],
)
async def test_the_cost_is_for_who_checks_and_of_a_time(
    route: Running, who: str, times: dict[str, str], status: int
) -> None:
    answer = await route.http.get("/v1/alerts/cost", headers=bearing(who), params=times)

    assert answer.status_code == status


async def test_exercises_are_listed_apart_and_cost_nothing(database_url: str) -> None:
    async with opened(database_url, METADATA) as engine:
        calling = rehearsing(engine)
        await calling.play()
        start = datetime(1970, 1, 1, tzinfo=UTC)
        async with engine.connect() as connection:
            found = await cost_between(connection, start, start + timedelta(days=1), Zones(None))

    assert (found.load.alerts, found.people, found.woken) == (0, (), ())
    assert (found.exercises.alerts, found.exercises.matters) == (3, 1)


async def test_the_command_line_reads_the_store_and_writes_nothing(
    route: Running,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    await activate(route.engine, TEXT, author="file", clock=hands(MONDAY))
    await the_day(route)
    monkeypatch.setenv("DATABASE_URL", database_url)
    asked = ["alert-cost", "--since", DAY["since"], "--until", DAY["until"]]
    before = await _rows(route)

    assert await asyncio.to_thread(main, [*asked, "--format", "json"]) == 0
    machine = json.loads(capsys.readouterr().out)
    texts = {}
    for lang in ("ru", "bg", "en"):
        assert await asyncio.to_thread(main, [*asked, "--lang", lang]) == 0
        texts[lang] = capsys.readouterr().out

    assert machine == await cost(route)
    assert "Разбужены ночью: lead-on-call, night-desk" in texts["ru"]
    assert "Събудени през нощта: lead-on-call, night-desk" in texts["bg"]
    assert "Woken at night: lead-on-call, night-desk" in texts["en"]
    assert await _rows(route) == before


async def _rows(route: Running) -> int:
    """Of the trail and of deliveries; no number of a command that only looks."""
    async with route.engine.connect() as connection:
        counts = [
            (await connection.execute(text(f"SELECT count(*) FROM {name}"))).scalar_one()  # noqa: S608 - a constant of ours
            for name in ("route_audit", "route_deliveries", "route_alert_groups")
        ]
    return sum(counts)


async def test_a_store_that_is_not_there_is_not_made_by_looking(tmp_path: Path) -> None:
    file = tmp_path / "none.db"

    with pytest.raises(Unreadable):
        await cost_in(f"sqlite:///{file}", MONDAY, MONDAY + timedelta(days=1))

    assert not file.exists()


def test_without_a_store_or_with_its_time_turned_round_it_is_misused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked = ["alert-cost", "--since", DAY["since"], "--until", DAY["until"]]
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert main(asked) == 2
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'none.db'}")
    assert main(asked) == 1
    assert main(["alert-cost", "--since", DAY["until"], "--until", DAY["since"]]) == 2

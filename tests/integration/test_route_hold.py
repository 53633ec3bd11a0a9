"""One switch holds all alerts: who turns it, where it is shown, on both databases.

The inputs that break the easy version: two replicas that turn it on at the same moment; a replica
that nobody asked; an answer that refuses the caller; a hold that lasts three hours; one that was
let go and begun anew between two looks; a look that began before a newer one and ends after it.
"""

import asyncio
import logging
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from services.route.store.holding import HoldWatch, held
from services.route.store.tables import HOLDS
from tests.builders import MONDAY
from tests.integration.quiet_calls import Replica, replicas

__all__ = ["replicas"]

PATH = "/v1/alerts/hold"
SINCE = "2026-03-02T10:00:00Z"
REASON = "пробна евакуация"


async def hold(route: Replica, who: str = "boss", reason: str = REASON) -> httpx.Response:
    return await route.ask(who, "PUT", PATH, {"reason": reason})


async def rows(route: Replica) -> int:
    async with route.engine.connect() as connection:
        counted = await connection.execute(select(func.count()).select_from(HOLDS))
        return int(counted.scalar_one())


def said(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    """The lines about holds: the message and what it names."""
    found = [one for one in caplog.records if one.name == HoldWatch.__module__]
    assert {one.levelno for one in found} <= {logging.WARNING}
    return [(one.getMessage(), one.__dict__["cause"]) for one in found]


async def test_it_is_begun_once_seen_by_all_and_let_go_once(
    replicas: tuple[Replica, Replica],
) -> None:
    route, other = replicas
    begun = await hold(route)
    route.clock.passes(minutes=5)
    again = await hold(other, "root", "another reason")

    shown = (await other.ask("ivo", "GET", PATH)).json()["held"]
    gone = [await other.ask("root", "DELETE", PATH) for _ in range(2)]

    assert (begun.status_code, again.status_code) == (201, 200)
    assert (shown["since"], shown["by"], shown["reason"]) == (SINCE, "boss", REASON)
    assert begun.json()["held"] == again.json()["held"] == shown
    assert [answer.status_code for answer in gone] == [204, 404]
    assert (await route.ask("ivo", "GET", PATH)).json() == {"held": None}
    async with route.engine.connect() as connection:
        assert await held(connection) is None


async def test_two_who_turn_it_on_at_once_have_one_hold(replicas: tuple[Replica, Replica]) -> None:
    route, other = replicas

    answers = await asyncio.gather(*(hold(one) for one in (route, other) * 4))

    assert sorted(answer.status_code for answer in answers) == [*[200] * 7, 201]
    assert len({answer.json()["held"]["id"] for answer in answers}) == 1
    assert await rows(route) == 1
    assert (await route.ask("boss", "DELETE", PATH)).status_code == 204
    assert (await hold(other)).status_code == 201
    assert await rows(route) == 2


@pytest.mark.parametrize(
    ("who", "body", "status"),
    [
        ("boss", {"reason": "the fire drill"}, 201),
        ("root", {"reason": "учение"}, 201),
        ("lena", {"reason": "the fire drill"}, 403),
        ("shop", {"reason": "the fire drill"}, 403),
        ("vera", {"reason": "the fire drill"}, 403),
        ("aud", {"reason": "the fire drill"}, 403),
        ("boss", {}, 422),
        ("boss", {"reason": " "}, 422),
        ("boss", {"reason": "the fire drill", "since": SINCE}, 422),
    ],
)
async def test_it_takes_who_governs_all_brands_and_a_reason(
    replicas: tuple[Replica, Replica], who: str, body: dict[str, Any], status: int
) -> None:
    route, _ = replicas

    answer = await route.ask(who, "PUT", PATH, body)
    let_go = await route.ask("lena", "DELETE", PATH)

    assert answer.status_code == status, answer.text
    assert let_go.status_code == 403
    assert await rows(route) == (status == 201)


async def test_every_answer_of_every_replica_says_so_while_it_lasts(
    replicas: tuple[Replica, Replica],
) -> None:
    asked = [
        ("ivo", "GET", "/v1/tickets"),
        ("nobody", "GET", "/v1/tickets"),
        ("ivo", "GET", "/v1/nowhere"),
        ("vera", "PUT", PATH),
        ("lena", "GET", PATH),
        ("ivo", "GET", "/openapi.json"),
    ]

    async def headers() -> set[str | None]:
        answers = [await one.ask(*call) for one in replicas for call in asked]
        return {answer.headers.get("otklik-alerts-held") for answer in answers}

    before = await headers()
    await hold(replicas[0])
    await replicas[1].watch.turn()
    during = await headers()
    await replicas[1].ask("boss", "DELETE", PATH)
    await replicas[0].watch.turn()

    assert (before, during, await headers()) == ({None}, {SINCE}, {None})


async def test_the_gauge_of_every_replica_and_the_rota_show_it(
    replicas: tuple[Replica, Replica],
) -> None:
    async def shown() -> list[tuple[float, str | None]]:
        found = []
        for one in replicas:
            await one.watch.turn()
            duty = (await one.ask("ivo", "GET", "/v1/duty")).json()["alerts_held"]
            found.append((one.held(), duty and duty["since"]))
        return found

    before = await shown()
    await hold(replicas[0])
    assert replicas[0].held() == 1
    during = await shown()
    await replicas[1].ask("boss", "DELETE", PATH)

    assert before == await shown() == [(0, None)] * 2
    assert during == [(1, SINCE)] * 2


async def test_the_log_says_when_it_begins_and_ends_and_once_an_hour(
    replicas: tuple[Replica, Replica], caplog: pytest.LogCaptureFixture
) -> None:
    route, other = replicas
    await route.watch.turn()
    await hold(other)
    for _ in range(3 * 60 + 1):
        await route.watch.turn()
        route.clock.passes(minutes=1)
    await route.ask("root", "DELETE", PATH)
    await route.watch.turn()

    of_other, *lines = said(caplog)

    begun, still, over = (
        (line, "hold:1")
        for line in ("alerts are held", "alerts are still held", "alerts go out again")
    )
    assert of_other == begun
    assert lines == [begun, still, still, still, over]
    assert not any(word in caplog.text for word in ("boss", "root", REASON))


async def test_one_that_is_begun_anew_between_two_looks_is_told_as_another(
    replicas: tuple[Replica, Replica], caplog: pytest.LogCaptureFixture
) -> None:
    route, other = replicas
    await hold(route)
    caplog.clear()
    await other.ask("boss", "DELETE", PATH)
    other.clock.passes(seconds=1)
    await hold(other)
    caplog.clear()

    await route.watch.turn()

    assert said(caplog) == [("alerts go out again", "hold:1"), ("alerts are held", "hold:2")]
    assert route.watch.held is not None
    assert route.watch.held.since == MONDAY + timedelta(seconds=1)


async def test_looks_that_overlap_end_with_what_is(
    replicas: tuple[Replica, Replica], caplog: pytest.LogCaptureFixture
) -> None:
    route, _ = replicas

    await asyncio.gather(*(route.watch.turn() for _ in range(5)), hold(route))
    await asyncio.gather(*(route.watch.turn() for _ in range(5)))

    assert route.held() == 1
    assert said(caplog) == [("alerts are held", "hold:1")]


async def test_turning_it_is_in_the_trail_of_all_brands(replicas: tuple[Replica, Replica]) -> None:
    route, _ = replicas
    await hold(route)
    await hold(route, "root", "again")
    await route.ask("root", "DELETE", PATH)

    of_all = (await route.ask("aud", "GET", "/v1/audit")).json()

    assert [(one["command"], one["by"], one["reason"]) for one in of_all] == [
        ("release-alerts", "root", REASON),
        ("hold-alerts", "boss", REASON),
    ]
    assert of_all[1]["changed"] == {"alerts_held_since": [None, SINCE]}
    assert (await route.ask("lena", "GET", "/v1/audit")).json() == []


async def test_the_description_of_every_body_is_whole(replicas: tuple[Replica, Replica]) -> None:
    described = await replicas[0].ask("ivo", "GET", "/openapi.json")

    paths = described.json()["paths"]
    assert {"/v1/alerts/hold", "/v1/alerts/silences", "/v1/alerts/silences/{number}"} <= set(paths)
    assert '"#/$defs/' not in described.text
    asked = paths["/v1/alerts/silences"]["post"]["requestBody"]["content"]["application/json"]
    one_of = asked["schema"]["properties"]["matches"]["additionalProperties"]["anyOf"]
    assert list(one_of[-1]["properties"]) == ["not"]

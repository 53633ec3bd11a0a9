"""Silences by command, on both databases: who may, what holds when, and what stays of them.

The inputs that break the easy version: a lead of one brand who names no brand, or one more; a
silence that nobody ended; two who end it; one that is ended before it began; five hundred that are
over beside the one that holds.
"""

from datetime import datetime
from typing import Any

import httpx
import pytest

from services.route.domain.silence_wish import SilenceWish, silence_of
from services.route.store.silencing import MOST, add_silence, silences_at
from tests.builders import MONDAY, minutes
from tests.integration.quiet_calls import Replica, replicas

__all__ = ["replicas"]

PATH = "/v1/alerts/silences"


async def silence(route: Replica, who: str = "boss", **changes: Any) -> httpx.Response:
    fields = {"matches": {"team": "fraud"}, "until": at(60), "reason": "тревога учебна", **changes}
    return await route.ask(who, "POST", PATH, fields)


def at(count: float) -> str:
    return (MONDAY + minutes(count)).isoformat()


async def listed(route: Replica, who: str = "ivo") -> list[dict[str, Any]]:
    answer = await route.ask(who, "GET", PATH)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


async def holding(route: Replica, now: datetime) -> list[int]:
    async with route.engine.connect() as connection:
        return [one.id for one in await silences_at(connection, now)]


async def test_a_silence_holds_from_its_start_until_its_end_and_not_at_it(
    replicas: tuple[Replica, Replica],
) -> None:
    route, other = replicas
    now = (await silence(route)).json()
    later = (await silence(other, **{"from": at(30), "until": at(90)})).json()
    assert (now["state"], later["state"]) == ("holding", "coming")

    found = [await holding(route, MONDAY + minutes(n)) for n in (-1, 0, 29, 30, 59, 60, 89, 90)]

    one, two = now["id"], later["id"]
    assert found == [[], [one], [one], [one, two], [one, two], [two], [two], []]


async def test_the_list_has_what_holds_what_comes_and_what_is_over(
    replicas: tuple[Replica, Replica],
) -> None:
    route, other = replicas
    for times in ({"until": at(10)}, {"until": at(60)}, {"from": at(50), "until": at(70)}):
        await silence(route, **times)
    route.clock.passes(minutes=20)

    shown = [(one["state"], one["by"], one["reason"]) for one in await listed(other)]

    who = "boss", "тревога учебна"
    assert shown == [("coming", *who), ("holding", *who), ("ended", *who)]


async def test_ended_by_somebody_it_is_over_at_once_and_stays_in_the_list_as_it_was(
    replicas: tuple[Replica, Replica],
) -> None:
    route, other = replicas
    number = (await silence(route)).json()["id"]
    first = route.clock.passes(minutes=7)

    answers = [await route.ask("root", "DELETE", f"{PATH}/{number}")]
    assert await holding(route, first) == []
    route.clock.passes(minutes=1)
    answers.append(await other.ask("boss", "DELETE", f"{PATH}/{number}"))

    assert [answer.status_code for answer in answers] == [204, 204]
    (shown,) = await listed(route)
    assert (shown["state"], shown["from"]) == ("ended", at(0).replace("+00:00", "Z"))
    assert shown["until"] == shown["ended_at"] == first.isoformat().replace("+00:00", "Z")
    assert (shown["by"], shown["ended_by"]) == ("boss", "root")
    assert await holding(route, MONDAY + minutes(6)) == [number]


async def test_ended_before_it_began_it_never_holds(replicas: tuple[Replica, Replica]) -> None:
    route, _ = replicas
    number = (await silence(route, **{"from": at(30), "until": at(90)})).json()["id"]

    await route.ask("boss", "DELETE", f"{PATH}/{number}")

    assert [await holding(route, MONDAY + minutes(n)) for n in range(0, 100, 10)] == [[]] * 10
    (shown,) = await listed(route)
    assert (shown["state"], shown["from"]) == ("ended", at(30).replace("+00:00", "Z"))


@pytest.mark.parametrize(
    ("who", "matches", "status"),
    [
        ("boss", {"team": "fraud"}, 201),
        ("root", {"kind": ["spike", "hot_topic"], "topic": {"not": "safety"}}, 201),
        ("lena", {"team": "fraud", "brand": "severbank"}, 201),
        ("lena", {"team": "fraud"}, 403),
        ("lena", {"brand": "lavka"}, 403),
        ("lena", {"brand": ["severbank", "lavka"]}, 403),
        ("lena", {"team": "fraud", "brand": {"not": "lavka"}}, 403),
        ("lena", {"team": "fraud", "brand": {"not": "severbank"}}, 403),
        ("shop", {"brand": "lavka"}, 201),
        ("vera", {"brand": "severbank"}, 403),
        ("ivo", {"team": "fraud"}, 403),
        ("aud", {"team": "fraud"}, 403),
        ("boss", {}, 422),
        ("boss", {"team": "froud"}, 422),
    ],
)
async def test_a_lead_silences_what_is_of_his_brands_and_nobody_else_does(
    replicas: tuple[Replica, Replica], who: str, matches: dict[str, Any], status: int
) -> None:
    answer = await silence(replicas[0], who, matches=matches)

    assert answer.status_code == status, answer.text
    assert len(await listed(replicas[0])) == (status == 201)


async def test_what_cannot_be_is_told_field_by_field(replicas: tuple[Replica, Replica]) -> None:
    route, _ = replicas
    wrong: dict[str, Any] = {"matches": {"team": "froud", "topik": "safety"}, "until": at(-1)}

    answer = await silence(route, **wrong)
    naive = await silence(route, until="2026-03-02T12:00:00")
    bare = await route.ask("boss", "POST", PATH, {"matches": {"team": "fraud"}})

    for said in ("`froud`, did you mean `fraud`?", "`topik`, did you mean `topic`?", "until: "):
        assert said in answer.json()["detail"]
    assert (naive.status_code, bare.status_code) == (422, 422)
    assert await listed(route) == []


async def test_a_caller_with_some_brands_sees_and_ends_what_is_theirs(
    replicas: tuple[Replica, Replica],
) -> None:
    route, _ = replicas
    bank = (await silence(route, matches={"brand": "severbank"})).json()["id"]
    shop = (await silence(route, matches={"brand": "lavka"})).json()["id"]
    both = (await silence(route)).json()["id"]

    seen = {who: {one["id"] for one in await listed(route, who)} for who in ("lena", "shop", "ivo")}
    ends = [await route.ask("lena", "DELETE", f"{PATH}/{one}") for one in (bank, shop, both, 999)]

    assert seen == {"lena": {bank, both}, "shop": {shop, both}, "ivo": {bank, shop, both}}
    assert [answer.status_code for answer in ends] == [204, 404, 403, 404]
    assert await holding(route, MONDAY) == [shop, both]


async def test_a_number_that_no_silence_can_have_is_refused(
    replicas: tuple[Replica, Replica],
) -> None:
    numbers = ("0", "-1", "99999999999", "one", "7")

    answers = [await replicas[0].ask("boss", "DELETE", f"{PATH}/{one}") for one in numbers]

    assert [answer.status_code for answer in answers] == [422, 422, 422, 422, 404]


async def test_each_change_is_in_the_trail(replicas: tuple[Replica, Replica]) -> None:
    route, _ = replicas
    number = (await silence(route, "lena", matches={"brand": "severbank"})).json()["id"]
    for _ in range(2):
        await route.ask("boss", "DELETE", f"{PATH}/{number}")
    await silence(route)

    of_all = (await route.ask("aud", "GET", "/v1/audit")).json()
    of_one = (await route.ask("lena", "GET", "/v1/audit")).json()

    assert [(one["command"], one["by"]) for one in of_all] == [
        ("silence", "boss"),
        ("end-silence", "boss"),
        ("silence", "lena"),
    ]
    assert of_one == of_all[1:]
    assert of_one[1]["changed"]["matches"] == [None, {"brand": "severbank"}]
    assert of_one[1]["reason"] == "тревога учебна"
    assert of_one[0]["changed"]["id"] == [number, number]


async def test_what_holds_is_listed_however_many_are_over(
    replicas: tuple[Replica, Replica],
) -> None:
    route, _ = replicas
    number = (await silence(route)).json()["id"]
    over = SilenceWish(matches={"team": "care"}, until=MONDAY + minutes(1), reason="over")
    async with route.engine.begin() as connection:
        for _ in range(MOST):
            await add_silence(connection, silence_of(over, MONDAY, "boss"))
    route.clock.passes(minutes=5)

    found = await listed(route)

    assert len(found) == MOST
    assert found[0]["id"] == number

"""A gap of duty is told once ahead of time, whoever of the replicas looks, on both databases.

The inputs that break the easy version: five replicas that look at the same moment; a look after the
call was folded and done; a replica that has no posts and still knows the policy of yesterday; one
that is older than the policy; leave that was taken back before anybody looked.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from schemas.states import AlertKind, AlertState
from services.route.domain.desk import Rules
from services.route.domain.intents import AlertIntent, decode_intent
from services.route.domain.rulebook import Rulebook
from services.route.domain.silence_wish import SilenceWish
from services.route.domain.swaps import Swap
from services.route.settings import read_needs
from services.route.store.gap_watch import GapWatch
from services.route.store.holding import begin_hold, end_hold
from services.route.store.policies import activate
from services.route.store.silencing import StoredSilences
from services.route.store.swaps import add_swap, drop_swap
from services.route.store.tables import INTENTS, POLICIES
from tests.builders import MONDAY, minutes
from tests.hands import Hands, hands
from tests.integration.test_route_on_its_store import POLICY, TEXT, Refusing, Running, running

NEEDS = read_needs()
LEAVE = Swap(person="night-desk", since=MONDAY - minutes(60), until=MONDAY + timedelta(days=2))
"""Fraud and care have office hours, and the night desk whenever nobody is there."""


@pytest.fixture
async def route(database_url: str, tmp_path: Path) -> AsyncIterator[Running]:
    async with running(database_url, tmp_path) as found:
        yield found


def watching(route: Running, clock: Hands) -> GapWatch:
    rules = Rules(policy=POLICY, seq=0, needs=NEEDS)
    return GapWatch(route.engine, Rulebook(rules), clock, route.metrics)


async def leave(route: Running, swap: Swap = LEAVE) -> int:
    async with route.engine.begin() as connection:
        return await add_swap(connection, swap, by="boss", reason="a fever")


async def intents(route: Running) -> list[AlertIntent]:
    async with route.engine.connect() as connection:
        bodies = (await connection.execute(select(INTENTS.c.body))).scalars()
        found = [one for one in map(decode_intent, bodies) if isinstance(one, AlertIntent)]
    return sorted(found, key=lambda one: one.base)


async def test_five_replicas_that_look_at_once_make_one_call_a_gap(route: Running) -> None:
    await leave(route)
    clock = hands(MONDAY)

    made = await asyncio.gather(*(watching(route, clock).turn() for _ in range(5)))
    clock.passes(minutes=1)
    later = await asyncio.gather(*(watching(route, clock).turn() for _ in range(5)))

    bases = [one.base for one in await intents(route)]
    assert bases == sorted(set(bases))
    assert {base.split(":")[2] for base in bases} == {"fraud", "care"}
    assert max(made) == len(bases)
    assert later == [0] * 5


async def test_nobody_is_told_of_a_rota_without_gaps(route: Running) -> None:
    assert await watching(route, hands(MONDAY)).turn() == 0
    assert await intents(route) == []


async def test_a_gap_that_was_told_and_folded_is_not_told_again(route: Running) -> None:
    await leave(route)
    clock = hands(MONDAY)
    watch, channel = watching(route, clock), Refusing(times=0)

    for _ in range(5):
        await watch.turn()
        await route.calls()
        clock.passes(minutes=10)
    await route.delivered(channel, "lead-alerts")

    told = [(one.kind, one.team, one.state) for one in channel.alerts]
    gaps = {one.base for one in await intents(route)}
    assert len(told) == len(gaps)
    assert {kind for kind, _, _ in told} == {AlertKind.duty_gap}
    assert {state for _, _, state in told} == {AlertState.raised}
    assert {one.brand for one in channel.alerts} == {""}


async def test_a_gap_that_somebody_fills_is_over_and_one_that_opens_anew_is_told_anew(
    route: Running,
) -> None:
    watch, channel = watching(route, route.clock), Refusing(times=0)
    for away in (True, False, True):
        number = await leave(route) if away else 0
        await watch.turn()
        await route.calls()
        await route.delivered(channel, "lead-alerts")
        route.clock.passes(minutes=6)
        await route.calls()
        await route.delivered(channel, "lead-alerts")
        if away:
            async with route.engine.begin() as connection:
                await drop_swap(connection, number)

    gaps = len({one.group_key for one in channel.alerts}) // 2
    states = [one.state for one in channel.alerts]
    assert states.count(AlertState.raised) == 2 * gaps
    assert states.count(AlertState.resolved) == gaps


async def test_the_gauge_tells_the_hours_of_the_coming_week(route: Running) -> None:
    start = MONDAY + timedelta(days=3)
    watch = watching(route, hands(MONDAY))
    await leave(route, Swap(person="lead-on-call", since=start, until=start + minutes(90)))

    await watch.turn()

    hours = {
        sample.labels["team"]: sample.value
        for family in route.metrics.duty_gap_hours.collect()
        for sample in family.samples
    }
    assert hours["lead"] == 1.5
    assert hours["fraud"] == 0


async def test_leave_that_was_taken_back_opens_no_gap(route: Running) -> None:
    number = await leave(route)
    async with route.engine.begin() as connection:
        await drop_swap(connection, number)

    assert await watching(route, hands(MONDAY)).turn() == 0


async def test_a_gap_is_told_a_day_ahead_and_no_earlier(route: Running) -> None:
    clock, start = hands(MONDAY), MONDAY + timedelta(days=3)
    person = "lead-on-call"
    await leave(route, Swap(person=person, since=start, until=start + minutes(30)))
    watch = watching(route, clock)

    told = []
    for _ in range(3 * 24):
        await watch.turn()
        told.append(len(await intents(route)))
        clock.passes(hours=1)

    assert told == [0] * 49 + [1] * 23
    (intent,) = await intents(route)
    assert intent.base == f":duty_gap:lead:{start:%Y%m%dT%H%M}"


async def test_a_replica_without_posts_looks_with_the_policy_that_runs(route: Running) -> None:
    clock = hands(MONDAY)
    watch = watching(route, clock)
    assert await watch.turn() == 0
    only_office = TEXT.replace(", {during: otherwise, people: [night-desk]}", "")
    await activate(route.engine, only_office, author="boss", clock=clock)

    assert await watch.turn() > 0
    assert {one.team for one in await intents(route)} == {"fraud", "care"}


async def test_a_policy_that_this_release_cannot_read_ends_nothing(
    route: Running, caplog: pytest.LogCaptureFixture
) -> None:
    await leave(route)
    row = {"hash": "new", "text": b"policy: next\nnew_key: 1\n", "author": "boss"}
    async with route.engine.begin() as connection:
        await connection.execute(insert(POLICIES).values(**row, activated_at=1, follows=0))

    assert await watching(route, hands(MONDAY)).turn() > 0
    assert "policy of another release" in caplog.text


async def test_what_is_held_or_silenced_calls_nobody_until_it_is_let_go(route: Running) -> None:
    clock = route.clock
    await leave(route)
    now, quiet = clock.now(), StoredSilences(route.engine, _rules, clock)
    channel, until = Refusing(times=0), now + minutes(20)
    wish = SilenceWish(matches={"team": "fraud", "kind": "duty_gap"}, until=until, reason="учение")

    async def told() -> set[str]:
        clock.move(clock.now() + minutes(6))
        await route.calls()
        await route.delivered(channel, "lead-alerts")
        return {alert.team for alert in channel.alerts}

    async with route.engine.begin() as connection:
        await begin_hold(connection, now=now, by="boss", reason="a drill")
    await quiet.add(wish, by="boss")
    await watching(route, clock).turn()
    held = await told()
    async with route.engine.begin() as connection:
        await end_hold(connection, now=clock.now())
    silenced = await told()
    later = [await told() for _ in range(3)][-1]

    assert held == set()
    assert silenced == {"care"}
    assert later == {"care", "fraud"}


def _rules() -> Rules:
    return Rules(policy=POLICY, seq=0, needs=NEEDS)

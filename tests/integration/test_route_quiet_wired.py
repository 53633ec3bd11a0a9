"""Two processes of route on one PostgreSQL: the hold is shown by both, a gap is told by one.

The inputs that break the easy version: a replica that nobody told of the hold; a second replica
that looks at the same rota; a start while the hold is on.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from sqlalchemy import select

from deploy.demo.stack import free_ports
from deploy.local import postgres
from schemas.event import derive_id
from schemas.topics import TOPICS
from services.route.domain.intents import AlertIntent
from services.route.store.tables import INTENTS
from stream.database import open_engine
from stream.topic_admin import Cluster, create
from tests.integration.test_route_on_its_store import TEXT
from tests.processes import PATIENCE, start, until_ready
from tests.tokens import bearing, tokens_file

HOLD, SINCE = "/v1/alerts/hold", "otklik-alerts-held"


@pytest.fixture
async def replicas(
    cluster: Cluster, tmp_path: Path, database_server: postgres.Server | None
) -> AsyncIterator[tuple[str, list[str]]]:
    """The database and where two replicas listen; nobody has fraud's nights and lunches."""
    assert database_server, "expected a server of this run"
    await create(cluster, TOPICS)
    url = str(database_server.create_database("t" + derive_id(cluster.prefix, "db")[:8]))
    policy = tmp_path / "policy.yaml"
    policy.write_text(TEXT.replace(", {during: otherwise, people: [night-desk]}", "", 1))
    tokens = tokens_file(tmp_path, boss="lead", ivo="viewer")
    found = []
    async with AsyncExitStack() as stack:
        for n, port in enumerate(free_ports(2)):
            folder = tmp_path / str(n)
            folder.mkdir()
            named = {"PORT": str(port), "POLICY": str(policy), "API_TOKENS": str(tokens)}
            child = start("route", cluster, folder, DATABASE_URL=url, **named)
            stack.callback(child.stop)
            found.append(f"http://127.0.0.1:{port}")
            await until_ready(child, found[-1], folder / "route.log")
        yield url, found


async def until(look: Callable[[], Awaitable[Any]]) -> Any:
    """Ask until there is an answer; a process tells in its own time."""
    async with asyncio.timeout(PATIENCE):
        while not (found := await look()):
            pass
    return found


async def test_both_replicas_show_a_hold_that_one_was_asked_for(
    replicas: tuple[str, list[str]], tmp_path: Path
) -> None:
    _, (asked, other) = replicas
    async with httpx.AsyncClient(headers=bearing("boss")) as client:

        async def shown(there: str) -> str | None:
            answer = await client.get(f"{there}/v1/tickets")
            return str(answer.headers[SINCE]) if SINCE in answer.headers else None

        assert [await shown(one) for one in (asked, other)] == [None, None]
        done = await client.put(f"{asked}{HOLD}", json={"reason": "a drill"})
        since = await until(lambda: shown(other))
        gauge = (await client.get(f"{other}/metrics")).text
        await client.delete(f"{other}{HOLD}")

        async def over() -> bool:
            return await shown(asked) is None

        await until(over)

    assert done.status_code == 201
    assert done.json()["held"]["since"] == since
    assert re.search(r"^otklik_alerts_held 1\.0$", gauge, flags=re.M)
    for n in range(2):
        log = (tmp_path / str(n) / "route.log").read_text(encoding="utf-8")
        lines = [msgspec.json.decode(line) for line in log.splitlines() if "hold:1" in line]
        said = [(one["level"], one["message"]) for one in lines]
        assert said == [("warning", "alerts are held"), ("warning", "alerts go out again")]
        assert "boss" not in log


async def test_a_gap_of_the_coming_day_is_told_once_by_two_replicas(
    replicas: tuple[str, list[str]],
) -> None:
    url, _ = replicas
    engine = open_engine(url)

    async def told() -> list[AlertIntent]:
        async with engine.connect() as connection:
            bodies = (await connection.execute(select(INTENTS.c.body))).scalars()
            return [msgspec.json.decode(body, type=AlertIntent) for body in bodies]

    found = await until(told)
    await engine.dispose()

    assert {one.team for one in found} == {"fraud"}
    assert {one.called for one in found} == {"lead"}

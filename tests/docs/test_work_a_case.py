"""docs/work-a-case.md is followed word for word: its tokens, its requests in order, its reader.

The inputs that break the easy version: an event of an old version that comes after a newer one; a
table of roles that a new right has outgrown; a command that the page does not show.
"""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from fastapi import APIRouter
from httpx import ASGITransport

from schemas.event import PipelineTick
from schemas.topics import TICKETS
from services.route.api import api
from services.route.api.access import Bearer
from services.route.api.tickets import PAGE as PAGE_OF_TICKETS
from services.route.domain.access import DIRECTS, Act, Caller, Grant, Role
from services.route.domain.commands import COMMANDS, Refusal
from stream.tokens import Tokens
from tests.builders import MONDAY, a_classified, a_post
from tests.integration.test_route_on_its_store import Running, running
from tests.tokens import bearing

PAGE = Path("docs/work-a-case.md").read_text(encoding="utf-8")
(TOKENS,) = re.findall(r"^```yaml tokens.yaml\n(.*?)^```$", PAGE, flags=re.M | re.S)
(READER,) = re.findall(r"^```python keep.py\n(.*?)^```$", PAGE, flags=re.M | re.S)
REQUESTS = re.findall(r"^```http (\w+)\n(.*?)^```$", PAGE, flags=re.M | re.S)
ROWS = [
    [cell.strip() for cell in row.strip("|").split("|")]
    for row in re.findall(r"^\|.*\|$", PAGE, flags=re.M)
]


@pytest.fixture
async def route(tmp_path: Path) -> AsyncIterator[Running]:
    """Route with the tokens of the page and one open case."""
    file = tmp_path / "page.yaml"
    file.write_text(re.sub(r"(id: (\w+).*?)HASH", _hashed, TOKENS), encoding="utf-8")
    async with running(f"sqlite:///{tmp_path / 'route.db'}", tmp_path) as found:
        bearer = Bearer(Tokens(str(file)), found.clock)
        app = api(found.desks, found.rota, bearer, found.metrics, APIRouter())
        found.http = httpx.AsyncClient(transport=ASGITransport(app=app), base_url="http://route")
        await found.take(a_classified(a_post()))
        yield found


def _hashed(row: re.Match[str]) -> str:
    return row[1] + sha256(f"{row[2]}-token".encode()).hexdigest()


async def sent(route: Running, who: str, asked: str, ticket: str) -> httpx.Response:
    """What a request of the page gets."""
    head, *lines = asked.replace("TICKET", ticket).splitlines()
    method, path = head.split(" ")
    headers, body = bearing(who), ""
    for line in lines:
        name, _, value = line.partition(": ")
        headers, body = ({**headers, name: value}, body) if name == "If-Match" else (headers, line)
    return await route.http.request(method, path, headers=headers, content=body)


def as_shown(shown: Any, found: Any) -> bool:
    """Is what the page shows in what was found? It may leave out fields, never elements."""
    if isinstance(shown, dict):
        return all(name in found and as_shown(one, found[name]) for name, one in shown.items())
    if isinstance(shown, list):
        return len(shown) == len(found) and all(map(as_shown, shown, found))
    return bool(shown == found)


async def test_each_request_of_the_page_gets_what_stands_below_it(route: Running) -> None:
    ticket = route.changes()[0].ticket.id

    for who, block in REQUESTS:
        other = ""
        if "OTHER" in block:
            await route.take(a_classified(a_post("elsewhere", author="the-same-anna")))
            other = route.changes()[-1].ticket.id
        asked, _, expected = block.replace("OTHER", other).partition("→ ")
        status, _, shown = expected.strip().partition(" ")
        answer = await sent(route, who, asked, ticket)
        assert answer.status_code == int(status), (asked, answer.text)
        wanted = msgspec.json.decode(shown.replace("TICKET", ticket))
        assert as_shown(wanted, answer.json()), (asked, answer.text)


def test_the_page_shows_each_command_once_that_is_carried_out() -> None:
    done = [
        found[1]
        for _, block in REQUESTS
        if "→ 200" in block and (found := re.match(r"POST /v1/tickets/TICKET/(\S+)", block))
    ]

    assert sorted(done) == sorted(COMMANDS)
    assert all(f"**{name}**" in PAGE for name in done)


def test_the_table_of_roles_is_what_the_roles_may() -> None:
    (head,) = (row[1:] for row in ROWS if row[0] == "role")
    shown = {
        row[0]: {act for act, cell in zip(head, row[1:], strict=True) if cell == "yes"}
        for row in ROWS
        if row[0] in set(Role)
    }

    callers = {role: Caller(name="x", grants=[Grant(role=role)]) for role in Role}
    assert head == [act.value for act in Act]
    assert shown == {
        role.value: {act.value for act in Act if caller.may(act)}
        for role, caller in callers.items()
    }


def test_each_command_stands_beside_the_right_that_it_needs() -> None:
    beside = {row[0]: set(re.findall(r"`([a-z-]+)`", row[1])) for row in ROWS if len(row) == 2}

    assert beside["direct"] == DIRECTS
    assert beside["work"] == COMMANDS.keys() - DIRECTS


def test_each_refusal_has_a_row_and_no_other() -> None:
    named = [name for row in ROWS if len(row) == 3 for name in re.findall(r"`(\w+)`", row[1])]

    assert sorted(named) == sorted(["detail", *Refusal])


def test_a_page_of_tickets_is_as_long_as_the_page_says() -> None:
    assert f"fewer than\n   {PAGE_OF_TICKETS} is the last" in PAGE


async def test_the_reader_of_the_page_ends_where_the_store_is_whatever_the_order(
    route: Running,
) -> None:
    ticket = route.changes()[0].ticket.id
    snapshot = (await sent(route, "desk", "GET /v1/tickets?after=", ticket)).json()
    for who, block in REQUESTS:
        await sent(route, who, block.partition("→ ")[0], ticket)
    await route.take(a_classified(a_post("p2", author="boris")))
    tick = PipelineTick(occurred_at=MONDAY, event_id="t", received_before=MONDAY + timedelta(1))
    records = [
        *((dict(one.headers), one.value or b"") for one in route.broker.log(TICKETS.name)),
        ({"ce_type": b"PipelineTick"}, msgspec.json.encode(tick)),
    ]
    reader: dict[str, Any] = {}
    exec(READER, reader)  # noqa: S102 - the page's own lines, which a subscriber copies

    twice, answer = records * 2, await route.http.get("/v1/tickets", headers=bearing("desk"))
    for order in (*(twice[n:] + twice[:n] for n in range(len(records))), twice[::-1]):
        cases = {one["id"]: one for one in snapshot}
        for headers, value in order:
            reader["keep"](cases, headers, value)
        assert sorted(cases.values(), key=lambda one: str(one["id"])) == answer.json()

"""Eight workloads make one installation: each role does its part, and none needs another's reach.

The inputs that break the easy version: a role without a broker; the posts' process dead while a
person works; a policy that changes where no post arrives; figures asked of the role that has none.
"""

import asyncio
import base64
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import msgspec
import pytest

from deploy.demo.settings import POLICY, SECRET, TOKEN, settings
from deploy.local import postgres
from deploy.local.process import tail
from schemas.event import derive_id
from schemas.topics import TICKETS, TOPICS
from services.route.channels.webhook import sign
from stream.clock import parse_clock
from stream.reading import read_all
from stream.topic_admin import Cluster, create
from tests.processes import PATIENCE
from tests.provider import Provider
from tests.workloads import WORKLOADS, Fleet

WITHOUT_A_BROKER = ("route-api", "route-dispatch", "notify-web")
NOWHERE = {"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9"}
OPEN = "otklik_open_tickets"
STOLEN = "@severbank украли карту и снимают с неё деньги, срочно!"
PERSON = {"authorization": f"Bearer {TOKEN}"}


async def deliver(house: Fleet, client: httpx.AsyncClient, name: str, text: str) -> None:
    """A signed delivery of a customer's post."""
    post = {"id": name, "author": {"id": "anna"}, "text": text, "mentions": ["severbank"]}
    body, secret = msgspec.json.encode(post), base64.b64decode(SECRET.removeprefix("whsec_"))
    headers = sign(secret, name, parse_clock("").real(), body)
    url = f"{house.address('ingest-web', 'HOOKS_PORT')}/v1/hooks/generic/bank"
    answer = await client.post(url, content=body, headers=headers)
    assert answer.status_code == 202, tail(house.log("ingest-web"))


@pytest.fixture
async def house(
    cluster: Cluster, tmp_path: Path, database_server: postgres.Server | None
) -> AsyncIterator[tuple[Fleet, Provider, Path]]:
    assert database_server, "expected a server of this run"
    await create(cluster, TOPICS)
    url = database_server.create_database("t" + derive_id(cluster.prefix, "roles")[:8])
    provider = Provider()
    more = settings(tmp_path, alerts=f"{provider.start()}/alerts")
    policy = tmp_path / "hot.yaml"
    policy.write_bytes(POLICY.read_bytes())
    given = dict.fromkeys(WITHOUT_A_BROKER, NOWHERE)
    found = Fleet(cluster, tmp_path, url, given, {**more, "POLICY": str(policy)})
    try:
        await found.start(WORKLOADS)
        yield found, provider, policy
    finally:
        found.stop()
        provider.stop()


async def test_a_post_goes_through_all_roles_and_each_can_be_away(
    house: tuple[Fleet, Provider, Path],
) -> None:
    installation, provider, policy = house
    at = {name: installation.address(name) for name in WORKLOADS}
    async with httpx.AsyncClient(headers=PERSON) as client, asyncio.timeout(PATIENCE):
        await deliver(installation, client, "b1", STOLEN)
        (ticket,) = await _tickets(client, at["route-api"])
        while not provider.accepted():
            assert installation.children["route-dispatch"].is_running()
            await client.get(f"{at['route-dispatch']}/livez")

        installation.children["route-posts"].kill()
        claim = f"{at['route-api']}/v1/tickets/{ticket['id']}/claim"
        version = {"if-match": f'"{ticket["version"]}"'}
        taken = await client.post(claim, headers=version)
        assert taken.status_code == 200, taken.text
        text = policy.read_text(encoding="utf-8")
        policy.write_text(text.replace("policy: default", "policy: default, changed", 1))
        while len((await client.get(f"{at['route-api']}/v1/policies")).json()) < 2:
            pass

        while f"{OPEN}{{" not in (await client.get(f"{at['notify-web']}/metrics")).text:
            assert installation.children["notify-web"].is_running()
        clocks = (await client.get(f"{at['notify-clocks']}/metrics")).text
        assert OPEN not in clocks, "figures would be counted twice"
        refused = {
            name: (await client.get(f"{at[name]}/v1/tickets")).status_code
            for name in ("route-dispatch", "notify-clocks", "ingest-web")
        }
        assert set(refused.values()) == {404}
    codes = installation.stop()

    assert {name: code for name, code in codes.items() if code} == {"route-posts": -9}
    told = await read_all(installation.cluster, TICKETS)
    assert len({one.partition for one in told if one.key != b"tick"}) == 1


async def _tickets(client: httpx.AsyncClient, api: str) -> list[dict[str, object]]:
    while True:
        answer = await client.get(f"{api}/v1/tickets")
        if found := answer.json():
            return list(found)

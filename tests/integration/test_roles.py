"""Eight workloads make one installation: each role does its part, and none needs another's reach.

The inputs that break the easy version: a role without a broker; the posts' process dead while a
person works; a policy that changes where no post arrives; figures asked of the role that has none.
"""

import asyncio
import base64
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import httpx
import msgspec
import pytest

from deploy.demo.settings import POLICY, SECRET, TOKEN, settings
from deploy.demo.stack import free_ports
from deploy.local import postgres
from deploy.local.process import STOP_SECONDS, Child, tail
from schemas.event import derive_id
from schemas.topics import TICKETS, TOPICS
from services.route.channels.webhook import sign
from stream.clock import parse_clock
from stream.reading import read_all
from stream.topic_admin import Cluster, create
from tests.processes import PATIENCE, start_module, until_ready
from tests.provider import Provider

WORKLOADS: Mapping[str, tuple[str, str]] = {
    "ingest-web": ("services.ingest", "serve --role web"),
    "ingest-poll": ("services.ingest", "serve --role poll"),
    "classify": ("services.classify", "serve"),
    "route-posts": ("services.route", "serve --role posts"),
    "route-api": ("services.route", "serve --role api"),
    "route-dispatch": ("services.route", "serve --role dispatch"),
    "notify-clocks": ("services.notify", "serve --role clocks"),
    "notify-web": ("services.notify", "serve --role web"),
}
WITHOUT_A_BROKER = ("route-api", "route-dispatch", "notify-web")
NOWHERE = {"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9"}
OPEN = "otklik_open_tickets{"
STOLEN = "@severbank украли карту и снимают с неё деньги, срочно!"
PERSON = {"authorization": f"Bearer {TOKEN}"}


class Installation:
    """Eight processes on one database, and where each listens."""

    def __init__(self, cluster: Cluster, folder: Path, given: Mapping[str, str]) -> None:
        self.cluster, self.folder, self._given = cluster, folder, given
        *ports, hooks = free_ports(len(WORKLOADS) + 1)
        self.at = {
            name: f"http://127.0.0.1:{port}" for name, port in zip(WORKLOADS, ports, strict=True)
        }
        self.hooks = f"http://127.0.0.1:{hooks}"
        self.children: dict[str, Child] = {}

    async def start(self) -> None:
        for name, (module, arguments) in WORKLOADS.items():
            own = {"PORT": self.at[name].rpartition(":")[2]}
            if name == "ingest-web":
                own["HOOKS_PORT"] = self.hooks.rpartition(":")[2]
            if name in WITHOUT_A_BROKER:
                own |= NOWHERE
            log = self.folder / f"{name}.log"
            given = {**self._given, **own}
            self.children[name] = start_module(module, arguments, self.cluster, log, **given)
        for name, child in self.children.items():
            await until_ready(child, self.at[name], self.folder / f"{name}.log")

    def stop(self) -> dict[str, int]:
        for child in self.children.values():
            child.terminate()
        for child in self.children.values():
            child.process.wait(STOP_SECONDS)
            child.stop()
        return {name: child.process.returncode for name, child in self.children.items()}

    async def deliver(self, client: httpx.AsyncClient, name: str, text: str) -> None:
        """A signed delivery of a customer's post."""
        post = {"id": name, "author": {"id": "anna"}, "text": text, "mentions": ["severbank"]}
        body, secret = msgspec.json.encode(post), base64.b64decode(SECRET.removeprefix("whsec_"))
        headers = sign(secret, name, parse_clock("").real(), body)
        url = f"{self.hooks}/v1/hooks/generic/bank"
        answer = await client.post(url, content=body, headers=headers)
        assert answer.status_code == 202, tail(self.folder / "ingest-web.log")


@pytest.fixture
async def house(
    cluster: Cluster, tmp_path: Path, database_server: postgres.Server | None
) -> AsyncIterator[tuple[Installation, Provider, Path]]:
    assert database_server, "expected a server of this run"
    await create(cluster, TOPICS)
    url = database_server.create_database("t" + derive_id(cluster.prefix, "roles")[:8])
    provider = Provider()
    given = settings(tmp_path, alerts=f"{provider.start()}/alerts")
    policy = tmp_path / "hot.yaml"
    policy.write_bytes(POLICY.read_bytes())
    found = Installation(cluster, tmp_path, {**given, "DATABASE_URL": url, "POLICY": str(policy)})
    try:
        await found.start()
        yield found, provider, policy
    finally:
        found.stop()
        provider.stop()


async def test_a_post_goes_through_all_roles_and_each_can_be_away(
    house: tuple[Installation, Provider, Path],
) -> None:
    installation, provider, policy = house
    at = installation.at
    async with httpx.AsyncClient(headers=PERSON) as client, asyncio.timeout(PATIENCE):
        await installation.deliver(client, "b1", STOLEN)
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

        while OPEN not in (await client.get(f"{at['notify-web']}/metrics")).text:
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

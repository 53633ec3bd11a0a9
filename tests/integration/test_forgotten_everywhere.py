"""Who asked to be forgotten is found nowhere: four processes, a real Kafka, both databases.

The inputs that break the easy version: a private dialogue that is named by the customer's own id,
an alert that carries the address of the post, the same delivery again after the wish.
"""

import base64
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from deploy.demo.settings import SECRET, TOKEN, settings
from deploy.demo.stack import free_ports
from deploy.local.process import Child
from schemas.event import Event, Topic
from schemas.states import Change
from schemas.tickets import TicketEvent
from schemas.topics import ALERTS, ERASURES, POSTS, SERVICES, TICKETS, TOPICS
from services.ingest.domain.fate import Receipt
from services.ingest.importing import import_rows
from services.ingest.platforms.bulk import json_lines
from services.ingest.settings import Settings
from services.route.channels.webhook import sign
from stream.clock import parse_clock
from stream.database import open_engine
from stream.reading import read_all
from stream.topic_admin import Cluster, create
from tests.processes import lag, start
from tests.stored import rows_in

CLOCK = parse_clock("")
IVAN = "zimorodok-7"
CANARIES = (IVAN, "зимородок-имя", "kingfisher", "канарейка", "чучулига", "goldfinch")
"""The id, the name and the handle of one person, and a word of each of three texts."""

AUTHOR = {"id": IVAN, "name": "зимородок-имя", "handle": "kingfisher"}
TEXTS = (
    "У меня украли деньги с карты, верните! канарейка",
    "Откраднаха парите от картата ми, помощ! чучулига",
    "My money was stolen from my card, help! goldfinch",
)
PERSON = {"authorization": f"Bearer {TOKEN}"}
DESK = {"authorization": "Bearer a-privacy-token"}
KEY = "a key of thirty-two bytes, or so"
STORES = ("ingest", "route", "notify")


class House:
    """The four services of one installation, as processes, and all that they keep and say."""

    def __init__(self, cluster: Cluster, folder: Path, database: Callable[[str], str]) -> None:
        self.cluster, self.folder = cluster, folder
        self.databases = {name: database(name) for name in STORES}
        ports = free_ports(len(SERVICES) + 2)
        self.addresses = dict(zip((*SERVICES, "hooks", "admin"), ports, strict=True))
        given = {
            **settings(folder, alerts="log:"),
            "ERASURE_KEY": KEY,
            "HOOKS_PORT": str(self.addresses["hooks"]),
            "ADMIN_PORT": str(self.addresses["admin"]),
            "ADMIN_TOKENS": str(_tokens(folder)),
        }
        self.children: dict[str, Child] = {}
        for name in SERVICES:
            own = {"PORT": str(self.addresses[name]), "DATABASE_URL": self.databases.get(name, "")}
            self.children[name] = start(name, cluster, folder, **given, **own)
        transport = httpx.AsyncHTTPTransport(retries=10)  # httpx backs off between them
        self.http = httpx.AsyncClient(transport=transport, timeout=10)

    async def call(self, method: str, where: str, path: str, **how: Any) -> httpx.Response:
        address = f"http://127.0.0.1:{self.addresses[where]}{path}"
        while True:
            assert all(one.is_running() for one in self.children.values()), self.logs()
            try:
                return await self.http.request(method, address, **how)
            except httpx.ConnectError:
                continue  # not up yet

    async def deliver(self, post: dict[str, Any]) -> dict[str, int]:
        """A signed delivery, as the platform sends it."""
        body, secret = msgspec.json.encode(post), base64.b64decode(SECRET.removeprefix("whsec_"))
        headers = sign(secret, str(post["id"]), CLOCK.real(), body)
        answer = await self.call(
            "POST", "hooks", "/v1/hooks/generic/bank", content=body, headers=headers
        )
        assert answer.is_success, answer.status_code
        return dict(answer.json())

    async def imported(self, post: dict[str, Any]) -> list[str]:
        """What becomes of a file of one row."""
        given = Settings(
            kafka_bootstrap_servers=self.cluster.bootstrap,
            topic_prefix=self.cluster.prefix,
            partitions=self.cluster.partitions,
            brands="services/ingest/brands.example.yaml",
            database_url=self.databases["ingest"],
            erasure_key=KEY,
        )
        rows = tuple(json_lines(msgspec.json.encode(post).decode()))
        return [
            fate.outcome
            async for done in import_rows(given, ("generic", "bank"), rows)
            if isinstance(done, Receipt)
            for fate in done.fates
        ]

    async def told(self, topic: Topic, kind: type[Event], at_least: int) -> list[Any]:
        """The events of one kind on a topic, once there are so many."""
        found: list[Any] = []
        count = 0
        while len(found) < at_least:
            records = await read_all(self.cluster, topic, at_least=count + 1)
            count = len(records)
            found = [
                msgspec.json.decode(record.value or b"", type=kind)
                for record in records
                if dict(record.headers)["ce_type"].decode() == kind.__name__
            ]
        return found

    async def settled(self) -> None:
        """Wait until every record so far has been read by all."""
        reads = (("classify", POSTS), ("route", ERASURES), ("notify", TICKETS))
        for service, topic in reads:
            while await lag(self.cluster, service, topic):
                assert all(one.is_running() for one in self.children.values()), self.logs()

    async def kept(self, store: str) -> str:
        """Every row of a service's store."""
        engine = open_engine(self.databases[store])
        try:
            rows = await rows_in(engine)
        finally:
            await engine.dispose()
        mine = [row for row in rows if row.startswith(f"{store}_")]
        assert mine
        return "\n".join(mine)

    async def said(self) -> str:
        """All metrics and all log lines."""
        metrics = [(await self.call("GET", name, "/metrics")).text for name in SERVICES]
        return "\n".join([*metrics, self.logs()])

    def logs(self) -> str:
        return "\n".join((self.folder / f"{name}.log").read_text("utf-8") for name in SERVICES)

    async def stop(self) -> None:
        await self.http.aclose()
        for child in self.children.values():
            child.stop()


def _tokens(folder: Path) -> Path:
    row = {
        "id": "privacy-desk",
        "role": "privacy",
        "sha256": sha256(b"a-privacy-token").hexdigest(),
        "expires": (CLOCK.real() + timedelta(hours=1)).isoformat(),
    }
    file = folder / "privacy.yaml"
    file.write_bytes(msgspec.json.encode({"tokens": [row]}))
    return file


@pytest.fixture
async def house(cluster: Cluster, tmp_path: Path, database_url: str) -> AsyncIterator[House]:
    await create(cluster, TOPICS)

    def database(name: str) -> str:
        return database_url.replace("store.db", f"{name}.db")

    running = House(cluster, tmp_path, database)
    yield running
    await running.stop()


def deliveries() -> Iterator[dict[str, Any]]:
    """Three private messages of Ivan, then a comment of Boris that names him."""
    for number, text in enumerate(TEXTS):
        yield {
            "id": f"p{number}",
            "author": AUTHOR,
            "text": text,
            "kind": "message",
            "space": "dm",
            "visibility": "private",
            "conversation_id": f"dm-{IVAN}-{number}",
            "url": f"https://generic.example/{AUTHOR['handle']}/{number}",
            "posted_at": CLOCK.real().isoformat(),
        }
    yield {
        "id": "b1",
        "author": {"id": "boris"},
        "text": "Не работает приложение, верните деньги!",
        "mentions": [IVAN],
        "conversation_id": "wall-1",
        "posted_at": CLOCK.real().isoformat(),
    }


def found_in(text: str) -> list[str]:
    return [canary for canary in CANARIES if canary in text]


async def test_who_asked_to_be_forgotten_is_found_nowhere(house: House) -> None:
    sent = list(deliveries())
    for one in sent:
        await house.deliver(one)
    opened = await house.told(TICKETS, TicketEvent, at_least=4)
    await read_all(house.cluster, ALERTS, at_least=3)
    await house.settled()
    before = await house.kept("route")
    assert set(CANARIES) - set(found_in(before)) == {"зимородок-имя"}, "the search can find"

    receipt = (
        await house.call("DELETE", "admin", f"/v1/authors/generic/{IVAN}", headers=DESK)
    ).json()
    told = await house.told(TICKETS, TicketEvent, at_least=len(opened) + 3)
    again = [await house.deliver(one) for one in sent]
    await house.deliver({**sent[0], "id": "p9"})
    from_a_file = await house.imported({**sent[1], "id": "p10"})
    await house.deliver({**sent[3], "id": "b2", "text": "И ещё раз: верните деньги!"})
    told = await house.told(TICKETS, TicketEvent, at_least=len(told) + 1)
    await house.settled()

    places = {name: found_in(await house.kept(name)) for name in STORES}
    assert places == {name: [] for name in STORES}
    assert found_in(await house.said()) == []
    for where, path, headers in (
        ("admin", f"/v1/authors/generic/{IVAN}", DESK),
        ("route", f"/v1/authors/{receipt['author_hash']}", PERSON),
        ("route", "/v1/tickets", PERSON),
    ):
        answer = await house.call("GET", where, path, headers=headers)
        assert (answer.status_code, found_in(answer.text)) == (200, []), path
    assert [one["accepted"] for one in again] == [0, 0, 0, 0]
    assert from_a_file == ["ignored"]
    erased = [event for event in told if event.change is Change.erased]
    theirs = {event.ticket.id for event in opened if event.ticket.case.customer == IVAN}
    assert {event.ticket.id for event in erased} == theirs
    assert {event.ticket.outcome for event in erased} == {"erased"}
    still = (await house.call("GET", "route", "/v1/tickets", headers=PERSON)).json()
    assert theirs & {ticket["id"] for ticket in still} == set(), "nobody is left to be answered"

"""Every command of docs/operate.md and docs/look-after.md is given, as it stands there.

On four services with a Kafka and a PostgreSQL, block after block; what the pages call ``$NAME`` is
of this installation. What is said to Kubernetes: test_operate_kubernetes.py.
"""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest

from deploy.demo.settings import POLICY, SECRET, TOKEN, admin_token, settings
from deploy.demo.stack import free_ports
from deploy.local import postgres
from deploy.local.process import STOP_SECONDS, Child
from schemas.event import derive_id
from schemas.topics import POSTS, SERVICES, TOPICS, dead_letters
from stream.flow import Outgoing, Received
from stream.quarantine import Quarantine
from stream.reading import read_all
from stream.topic_admin import Cluster, create
from tests.chart.rendering import values_of
from tests.docs.test_operate import first_cells
from tests.processes import environment_of, start, until_ready, write_records
from tests.told_commands import ROOT, Block, blocks

STORES = ("ingest", "route", "notify")
POSTED = 'id,author.id,text,posted_at\n1,ann,"Where is my order?",2026-11-23T10:00:00Z\n'
_SHIM = """#!/bin/sh
case "$2" in
  services.*) DATABASE_URL=$(cat "{folder}/${{2#services.}}.url"); export DATABASE_URL ;;
esac
exec "{python}" "$@"
"""
"""Each service's commands find the settings of that service."""


@dataclass
class House:
    """Four services, a store for each of three, and a folder as a checkout is."""

    cluster: Cluster
    folder: Path
    stores: Mapping[str, str]
    given: Mapping[str, str]
    ports: Mapping[str, int]
    children: dict[str, Child] = field(default_factory=dict)
    letter: tuple[int, int] = (0, 0)

    def start(self, *services: str) -> None:
        for name in services:
            own = {"PORT": str(self.ports[name])} | self.of(name)
            self.children[name] = start(name, self.cluster, self.folder, **own)
        asyncio.run(self._ready(*services))

    async def _ready(self, *services: str) -> None:
        for name in services:
            at, log = f"http://{self.at(name)}", self.folder / f"{name}.log"
            await until_ready(self.children[name], at, log)

    def stop(self, *services: str) -> None:
        for name in services:
            self.children[name].terminate()
        for name in services:
            self.children[name].process.wait(STOP_SECONDS)
            self.children[name].stop()

    def of(self, service: str) -> dict[str, str]:
        """The settings of a service."""
        store = {"DATABASE_URL": self.stores[service]} if service in self.stores else {}
        return {**self.given, **store}

    def at(self, name: str) -> str:
        return f"127.0.0.1:{self.ports[name]}"

    def environment(self, service: str) -> dict[str, str]:
        """What a person who gives a block's commands has in the shell."""
        partition, offset = self.letter
        names = {
            "ROUTE": f"http://{self.at('route')}",
            "ADMIN": f"http://{self.at('admin')}",
            "NOTIFY": self.at("notify"),
            "TOKEN": TOKEN,
            "PRIVACY": admin_token("privacy"),
            "PARTITION": str(partition),
            "OFFSET": str(offset),
        }
        path = f"{self.folder}/bin:{os.environ['PATH']}"  # noqa: TID251 - a shell's own
        return environment_of(self.cluster, **self.of(service), **names, PATH=path)

    def gives(self, block: Block) -> subprocess.CompletedProcess[str]:
        """Give a block's commands in the shell; the first that fails ends it."""
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", block.text],
            cwd=self.folder,
            env=self.environment(block.service or "route"),
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="module")
def house(
    bootstrap: str,
    database_server: postgres.Server | None,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[House]:
    assert database_server, "expected a server of this run"
    folder, run = tmp_path_factory.mktemp("house"), derive_id(str(os.getpid()), "operate")[:8]
    cluster = Cluster(bootstrap=bootstrap, prefix=f"operate-{run}", partitions=3)
    stores = {
        name: database_server.create_database(f"operate_{name}_{run}").replace("+asyncpg", "")
        for name in STORES
    }
    _as_a_checkout(folder, database_server, stores)
    ports = dict(zip((*SERVICES, "hooks", "admin"), free_ports(6), strict=True))
    given = {
        **settings(folder, alerts="log:"),
        "BRANDS": str(folder / "brands.yaml"),
        "SHOP_HOOK_SECRET": SECRET,
        "QUARANTINE": str(folder / "quarantine.yaml"),
        "CANARY_SECONDS": "2",
        "HOOKS_PORT": str(ports["hooks"]),
        "ADMIN_PORT": str(ports["admin"]),
    }
    found = House(cluster, folder, stores, given, ports)
    asyncio.run(create(cluster, TOPICS))
    try:
        found.start(*SERVICES)
        found.letter = asyncio.run(_kept_aside(cluster))
        yield found
    finally:
        found.stop(*found.children)


def _as_a_checkout(folder: Path, server: postgres.Server, stores: Mapping[str, str]) -> None:
    """What the pages' commands find where they are given."""
    for name in ("services", "stream", "schemas", "worktime", "deploy"):
        (folder / name).symlink_to(ROOT / name)
    for file, text in {
        "brands.yaml": values_of("minimal")["brands"]["inline"],
        "policy.yaml": POLICY.read_text("utf-8").replace("policy: default", "policy: ours", 1),
        "posts.csv": POSTED,
        "quarantine.yaml": "",
        "token": TOKEN,
        **{f"{name}.url": url for name, url in stores.items()},
        ".venv/bin/python": _SHIM.format(folder=folder, python=sys.executable),
    }.items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(text, encoding="utf-8")
    (folder / ".venv/bin/python").chmod(0o755)
    (folder / "bin").mkdir()
    for tool in ("pg_dump", "pg_restore"):
        (folder / "bin" / tool).symlink_to(server.tool(tool))


async def _kept_aside(cluster: Cluster) -> tuple[int, int]:
    """Where a letter of classify lies, on a post that holds no JSON."""
    poison = Outgoing(
        topic=POSTS.name, partition=1, key=b"k", value=b"?", headers=(), event_id="poison"
    )
    await write_records(cluster, [poison])
    letter = (await read_all(cluster, dead_letters("classify"), at_least=1))[0]
    return letter.partition, letter.offset


@pytest.mark.parametrize("block", blocks("running", "stopped"), ids=str)
def test_the_commands_of_a_block_succeed_one_after_another(house: House, block: Block) -> None:
    stopped = [block.service] if block.kind == "stopped" else []
    house.stop(*stopped)

    done = house.gives(block)
    house.start(*stopped)

    assert done.returncode == 0, f"{block}: {done.stdout}{done.stderr}"


def test_what_the_page_set_aside_is_what_the_services_read(house: House) -> None:
    partition, offset = house.letter
    place = Received(
        topic=POSTS.name,
        partition=partition,
        offset=offset,
        timestamp_ms=0,
        key=b"",
        value=b"",
        headers=(),
    )

    assert place in Quarantine(house.given["QUARANTINE"])


def test_a_running_service_logs_no_field_that_the_page_does_not_name(house: House) -> None:
    lines = [line for name in SERVICES for line in _logged(house.folder / f"{name}.log")]

    assert len(lines) > 2 * len(SERVICES)
    assert {name for line in lines for name in line} <= set(first_cells("Log fields"))


def _logged(file: Path) -> list[dict[str, object]]:
    return [msgspec.json.decode(line) for line in file.read_text("utf-8").splitlines()]

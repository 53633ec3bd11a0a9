"""A process that the broker refuses something ends, with one line that names it; it never idles.

The inputs that break the easy version: one topic of three that may not be read, where a client
reads the other two and looks well; a group that Faust may not join, of which it says nothing.
"""

import asyncio
from pathlib import Path

import pytest

from deploy.demo.settings import settings
from deploy.demo.stack import free_ports
from deploy.local.certificates import authority
from deploy.local.grants import grant, rules_of, withdraw
from deploy.local.guarded import ADMIN, Guarded
from deploy.local.process import tail
from schemas.event import derive_id
from schemas.rights import Granted, granted
from schemas.topics import TOPICS
from stream.clock import parse_clock
from stream.topic_admin import create
from tests.processes import start, until_ready
from tests.security.installations import installed

PATIENCE = 30.0


def rights_without(service: str, name: str) -> list[Granted]:
    return [row for row in granted() if (row.principal, row.name) != (service, name)]


async def ended(
    service: str, broker: Guarded, folder: Path, rows: list[Granted], **more: str
) -> tuple[int, str]:
    """How a process ended that has these rights alone: its exit code and its last line."""
    prefix = f"r{derive_id(str(folder), 'prefix')[:8]}"
    await create(installed(broker, prefix), TOPICS)
    await grant(broker.of(ADMIN), rules_of(prefix, rows))
    found = {
        **settings(folder, alerts="log:"),
        "DATABASE_URL": f"sqlite:///{folder / 'store.db'}",
        **broker.environment(service),
        **more,
    }
    child = start(service, installed(broker, prefix), folder, **found)
    try:
        code = await asyncio.to_thread(child.process.wait, PATIENCE)
    finally:
        child.stop()
    return code, tail(folder / f"{service}.log").splitlines()[-1].replace(f"{prefix}.", "")


@pytest.mark.parametrize(
    ("name", "says", "pump"),
    [
        ("tickets.v1", "notify may not read tickets.v1", "faust"),
        ("decisions.v1", "notify may not read decisions.v1", "faust"),
        ("notify", "notify may not join group notify", "faust"),
        ("notify", "notify may not join group notify", "aiokafka"),
    ],
)
async def test_notify_ends_on_either_pump(
    name: str, says: str, pump: str, broker: Guarded, tmp_path: Path
) -> None:
    lacking = rights_without("notify", name)

    code, last = await ended("notify", broker, tmp_path, lacking, PUMP=pump)

    assert code == 2, last
    assert last.endswith(says)


@pytest.mark.parametrize(
    ("service", "name", "says"),
    [
        ("ingest", "posts.raw.v1", "ingest may not write posts.raw.v1"),
        ("classify", "classify.retry.v1", "classify may not read classify.retry.v1"),
        ("classify", "classify.dead-letters.v1", "may not write classify.dead-letters.v1"),
        ("route", "sla.v1", "route may not read sla.v1"),
    ],
)
async def test_every_service_ends_on_what_it_lacks(
    service: str, name: str, says: str, broker: Guarded, tmp_path: Path
) -> None:
    code, last = await ended(service, broker, tmp_path, rights_without(service, name))

    assert code == 2, last
    assert last.endswith(says)


async def test_all_that_is_lacking_is_in_one_line(broker: Guarded, tmp_path: Path) -> None:
    code, last = await ended("classify", broker, tmp_path, [])

    assert code == 2
    for one in ("join group classify", "read posts.v1", "write classified.v1"):
        assert f"may not {one}" in last


@pytest.mark.parametrize("what", ["password", "authority"])
async def test_who_is_not_let_in_at_all_ends_too(
    what: str, broker: Guarded, tmp_path: Path
) -> None:
    other = tmp_path / "other.pem"
    other.write_text(authority("another", parse_clock("").real()).pem)
    more = {"KAFKA_PASSWORD": "wrong"} if what == "password" else {"KAFKA_CA_FILE": str(other)}

    code, last = await ended("notify", broker, tmp_path, list(granted()), **more)

    assert code == 2
    assert "expected a Kafka broker at" in last


@pytest.mark.parametrize("pump", ["faust", "aiokafka"])
async def test_a_group_that_is_refused_while_it_runs_ends_it_too(
    pump: str, broker: Guarded, tmp_path: Path
) -> None:
    prefix = f"r{derive_id(str(tmp_path), 'prefix')[:8]}"
    here, admin, log = installed(broker, prefix), broker.of(ADMIN), tmp_path / "notify.log"
    await create(here, TOPICS)
    await grant(admin, rules_of(prefix, granted()))
    (port,) = free_ports(1)
    found = {
        **settings(tmp_path, alerts="log:"),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'store.db'}",
        **broker.environment("notify"),
        "PUMP": pump,
        "PORT": str(port),
    }
    child = start("notify", here, tmp_path, **found)
    try:
        await until_ready(child, f"http://127.0.0.1:{port}", log)
        mine = [row for row in granted() if (row.principal, row.name) == ("notify", "notify")]
        await withdraw(admin, rules_of(prefix, mine))
        code = await asyncio.to_thread(child.process.wait, PATIENCE)
    finally:
        child.stop()

    assert code != 0
    assert f"GroupAuthorizationFailedError: {prefix}.notify" in log.read_text(encoding="utf-8")

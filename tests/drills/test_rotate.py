"""Passwords, authority, webhook secrets and tokens change under load; nothing is lost or refused.

The inputs that break the easy version: two replicas of which one still has the old secret; a sender
that signs with the new one before everybody knows it; the old secret, which must be good no more.
"""

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path
from shutil import copyfile

import httpx
import pytest

from deploy.demo.stack import ROOT
from deploy.local import guarded, kafka
from deploy.local.certificates import authority
from deploy.local.guarded import ADMIN, Guarded
from deploy.local.postgres import Server
from schemas.topics import SERVICES
from stream.broker import Broker, Security
from stream.clock import parse_clock
from tests.conftest import PARTITIONS
from tests.drills.flow import Caller, Ledger, Sender, flowing, ledger_of
from tests.drills.page import Page, with_commands
from tests.security.installations import installed
from tests.security.sender import a_complaint, deliver
from tests.security.test_guard import answers
from tests.stored import database_named
from tests.workloads import Fleet

PREFIX = "rotate"
REPLICAS = [
    f"{workload}.{number}"
    for workload in ("ingest-web", "classify", "route-posts", "route-api", "notify-clocks")
    for number in (1, 2)
]
PATIENCE = 300


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Guarded]:
    """It knows nobody but the administrator."""
    found = guarded.start(kafka.CACHE, tmp_path / "broker", [])
    yield found
    found.stop()


@pytest.fixture
def page(broker: Guarded, tmp_path: Path) -> Page:
    """The page with the files that it speaks of; both secrets of the webhook are there, one set."""
    folder = tmp_path / "work"
    folder.mkdir()
    copyfile(broker.ca_file, folder / "ca.pem")
    (folder / "admin.properties").write_text(
        "security.protocol=SASL_SSL\nsasl.mechanism=SCRAM-SHA-512\n"
        "sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required "
        f'username="{ADMIN}" password="{broker.passwords[ADMIN]}";\n'
        "ssl.truststore.type=PEM\nssl.truststore.location=ca.pem\n"
    )
    (folder / "admin.password").write_text(broker.passwords[ADMIN])
    (folder / "hook-1.secret").write_text("whsec_YW4gZXhhbXBsZSBrZXkgb2YgMzIgYnl0ZXMsIG5vIG0=\n")
    (folder / "hook-2.secret").write_text("")
    (folder / "tokens.yaml").write_text("tokens:\n")
    shell = with_commands(broker.runtime, folder)
    known = {
        **shell,
        "BROKER": broker.bootstrap,
        "TOPIC_PREFIX": PREFIX,
        "PARTITIONS": str(PARTITIONS),
    }
    return Page(ROOT / "docs/kafka-security.md", folder, known)


def fleet_of(page: Page, broker: Guarded, database: str, logs: Path) -> Fleet:
    """Two replicas of each, with every secret in a file of the page's folder."""
    brands = (ROOT / "services/ingest/brands.example.yaml").read_text(encoding="utf-8")
    both = "secrets: [BANK_HOOK_SECRET, BANK_HOOK_SECRET_2]"
    one = "secrets: [SEVERBANK_HOOK_SECRET]"
    (page.folder / "brands.yaml").write_text(brands.replace(one, both), encoding="utf-8")
    given = {
        service: {
            **broker_settings(broker, page.folder),
            "KAFKA_USERNAME": service,
            "KAFKA_PASSWORD_FILE": str(page.folder / f"{service}.password"),
        }
        for service in SERVICES
    }
    more = {
        "BRANDS": str(page.folder / "brands.yaml"),
        "BANK_HOOK_SECRET_FILE": str(page.folder / "hook-1.secret"),
        "BANK_HOOK_SECRET_2_FILE": str(page.folder / "hook-2.secret"),
        "API_TOKENS": str(page.folder / "tokens.yaml"),
    }
    return Fleet(installed(broker, PREFIX), logs, database, given, more)


def broker_settings(broker: Guarded, folder: Path) -> dict[str, str]:
    return {
        "KAFKA_BOOTSTRAP_SERVERS": broker.bootstrap,
        "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
        "KAFKA_CA_FILE": str(folder / "ca.pem"),
    }


def as_user(broker: Guarded, user: str, password: str, ca: Path) -> Broker:
    security = Security(protocol="SASL_SSL", username=user, password=password, ca_file=str(ca))
    return Broker(bootstrap=broker.bootstrap, security=security)


async def rolled(fleet: Fleet, *services: str) -> None:
    """The replicas of each service one after another, the services side by side."""

    async def one_after_another(workload: str) -> None:
        for replica in (name for name in REPLICAS if name.partition(".")[0] == workload):
            assert await fleet.restart(replica) == 0

    workloads = {name.partition(".")[0] for name in REPLICAS}
    wanted = [w for w in sorted(workloads) if not services or w.partition("-")[0] in services]
    await asyncio.gather(*map(one_after_another, wanted))


async def passwords_and_authority(page: Page, broker: Guarded, fleet: Fleet) -> None:
    """New passwords of all, with trust in both authorities; a new certificate; trust in the new."""
    old = (page.folder / "ingest.password").read_text().strip()
    new = authority("otklik local 2", parse_clock("").real())
    (page.folder / "new-ca.pem").write_text(new.pem)
    for service in SERVICES:
        await asyncio.to_thread(page.run, "password", SERVICE=service)
    page.run("trust-both")
    await rolled(fleet)
    assert not await answers(as_user(broker, "ingest", old, page.folder / "ca.pem"))

    (page.folder / "broker.pem").write_text(new.signed("broker").pem)
    await asyncio.to_thread(page.run, "broker-certificate")
    page.run("trust-new")
    await rolled(fleet)
    now = (page.folder / "ingest.password").read_text().strip()
    assert await answers(as_user(broker, "ingest", now, page.folder / "new-ca.pem"))
    assert not await answers(as_user(broker, "ingest", now, page.folder / "old-ca.pem"))


async def webhook_secret(page: Page, fleet: Fleet, sender: Sender) -> None:
    """The second beside the first, the sender changes, the first goes."""
    first = sender.secret.read_text()
    page.run("second-secret")
    await rolled(fleet, "ingest")
    sender.secret = page.folder / "hook-2.secret"
    page.run("first-secret-gone")
    await rolled(fleet, "ingest")
    async with httpx.AsyncClient() as client:
        for hooks in sender.hooks:
            stale = await deliver(client, hooks, a_complaint("stale"), secret=first.strip())
            assert stale.status_code == httpx.codes.UNAUTHORIZED


async def api_token(page: Page, caller: Caller) -> None:
    """Two rows, the caller changes, one row; no restart."""
    first, second = caller.token.read_text().strip(), page.folder / "token-2"
    await asyncio.to_thread(page.run, "second-token")
    async with httpx.AsyncClient() as client, asyncio.timeout(30):
        for _ in caller.api:
            await until(client, caller, second.read_text().strip(), httpx.codes.OK)
        caller.token = second
        page.run("first-token-gone")
        for _ in caller.api:
            await until(client, caller, first, httpx.codes.UNAUTHORIZED)


async def until(client: httpx.AsyncClient, caller: Caller, token: str, status: int) -> None:
    """Each replica looks at the file once a second."""
    for api in caller.api:
        asked = Caller([api], caller.token)
        while (await asked.ask(client, token)).status_code != status:
            pass


async def rotated(page: Page, broker: Guarded, fleet: Fleet) -> tuple[Ledger, Caller]:
    """All of it, one after another, with posts flowing."""
    await fleet.start(REPLICAS)
    hooks = [fleet.address(f"ingest-web.{n}", "HOOKS_PORT") for n in (1, 2)]
    api = [fleet.address(f"route-api.{n}") for n in (1, 2)]
    sender = Sender(hooks, page.folder / "hook-1.secret", seed="rotate")
    caller = Caller(api, page.folder / "token-1")
    async with flowing(sender):
        await passwords_and_authority(page, broker, fleet)
        await webhook_secret(page, fleet, sender)
        async with flowing(caller):
            await api_token(page, caller)
    trusted = as_user(broker, ADMIN, broker.passwords[ADMIN], page.folder / "new-ca.pem")
    return await ledger_of(installed(broker, PREFIX, reached=trusted), sender), caller


async def test_nothing_is_lost_or_refused_while_every_secret_changes(
    page: Page,
    broker: Guarded,
    database_server: Server | None,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    page.run("users")
    page.run("rights")
    page.run("second-token")  # the first one, too, is made as the page says
    (page.folder / "token-2").rename(page.folder / "token-1")
    fleet = fleet_of(page, broker, database_named(database_server, PREFIX), tmp_path)
    try:
        async with asyncio.timeout(PATIENCE):
            found, caller = await rotated(page, broker, fleet)
    finally:
        fleet.stop()

    with capsys.disabled():
        sys.stdout.write(f"\n{found}\n")
        sys.stdout.write(f"API: calls {caller.calls} · refused {caller.refused.total()}\n")
    assert (found.lost, found.refused, found.duplicates) == (0, 0, 0)
    assert found.accepted == found.sent > 100
    assert caller.calls > 0
    assert not caller.refused
    assert page.run_already == page.blocks().keys(), "every command of the page was run"

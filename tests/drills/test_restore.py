"""`make drill-restore`: a database is put back as it was; nothing is lost, nobody called anew.

The inputs that break the easy version: cases that were opened, answered and closed by a person
since the backup; an alert that somebody was already called for; versions of a ticket that
subscribers have seen; a second database, whose backup is of another moment.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from deploy.demo.settings import TOKEN
from deploy.local import postgres
from stream.topic_admin import Cluster
from tests.drills.ground import PATIENCE, command, ground_for, put_back, run, saved, tell
from tests.ledger.fight import Fought, fight
from tests.ledger.fleet import Fleet
from tests.ledger.promises import Promises
from tests.ledger.senders import Senders
from tests.provider import Provider

COUNT, LOST = 600, 320
"""Posts in all, and deliveries since the backup: some of them cases that nobody answers."""
AFTER = {
    "route": "python -m services.route recover",
    "notify": "python -m services.notify rebuild --route {route} --token-file {token}",
}
"""What is done before a service starts on a database that was put back."""


@dataclass
class Restore:
    """Saved while it runs, and put back once much has happened since."""

    service: str
    server: postgres.Server
    said: list[str] = field(default_factory=list)

    async def __call__(self, fleet: Fleet, senders: Senders) -> None:
        url, file = fleet.databases[self.service], fleet.folder / f"{self.service}.dump"
        await senders.more(COUNT // 12)
        await run(saved(self.server, url, file))
        await senders.more(LOST)
        await fleet.stopped(self.service)
        given = fleet.settings_of(self.service)
        self.said += await told_by(fleet.cluster, f"python -m stream drain {self.service}", given)
        await run(put_back(self.server, url, file))
        token = fleet.folder / "token"
        token.write_text(TOKEN, encoding="utf-8")
        line = AFTER[self.service].format(route=fleet.addresses["route-1"], token=token)
        self.said += await told_by(fleet.cluster, line, given)
        await fleet.started(*fleet.replicas(self.service))


async def told_by(cluster: Cluster, line: str, given: Mapping[str, str]) -> list[str]:
    """The lines of a command that has to succeed."""
    done = await command(cluster, line, given)
    assert done.code == 0, done.said
    return done.said.splitlines()


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with Provider() as found:
        yield found


@pytest.fixture(scope="module")
def restored(database_server: postgres.Server) -> list[Restore]:
    return [Restore(service, database_server) for service in ("route", "notify")]


@pytest.fixture(scope="module")
def fought(
    restored: list[Restore],
    provider: Provider,
    bootstrap: str,
    database_server: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> Fought:
    folder: Path = tmp_path_factory.mktemp("restore")
    alerts = {"alerts": f"{provider.address}/alerts", "page_within": "30d"}
    ground = ground_for("restore", bootstrap, database_server, folder, **alerts)
    return asyncio.run(asyncio.wait_for(fight(ground, COUNT, restored), PATIENCE))


def pages(provider: Provider) -> Counter[str]:
    """How often somebody was called about a case of its own."""
    sent = [one.json for one in provider.accepted()]
    return Counter(
        ticket
        for one in sent
        if (one["kind"], one["state"]) == ("case", "raised")
        for ticket in one["ticket_ids"]
    )


class TestRestored(Promises):
    """The promises, after two databases were put back."""

    def test_nobody_is_called_twice_for_a_case(
        self, fought: Fought, provider: Provider, restored: list[Restore]
    ) -> None:
        called = pages(provider)
        old = sum(count - 1 for count in called.values())
        ledger = tell(
            "drill-restore", fought, **{"cases called for": len(called), "old alerts": old}
        )

        assert len(called) > 10, "a run in which nobody is called proves nothing"
        assert (ledger["lost"], ledger["invented"], ledger["old alerts"]) == (0, 0, 0)
        assert ledger["refused"] == ledger["cut off and sent again"] == 0, "ingest went on"
        taken = next(line for line in restored[0].said if "took over" in line)
        assert "took over 0" not in taken, taken

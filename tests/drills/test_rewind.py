"""`make drill-rewind`: each consumer is made to read everything again; nothing comes of it twice.

The inputs that break the easy version: a stateful service whose own positions stay where they were;
posts that pass meanwhile; a rewind while a member still runs.
"""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.drills.ground import PATIENCE, command, ground_for, tell
from tests.ledger.fight import Fought, fight
from tests.ledger.fleet import Fleet
from tests.ledger.promises import Promises
from tests.ledger.senders import Senders

CONSUMERS = ("classify", "route", "notify")
COUNT = 400
REWIND = "python -m stream rewind {} --since 1971-01-01T00:00:00+00:00"


@dataclass(frozen=True)
class Rewind:
    """Everything that a service has read, once more."""

    service: str
    again: dict[str, int]

    async def __call__(self, fleet: Fleet, senders: Senders) -> None:
        await senders.more(COUNT // 6)
        line, given = REWIND.format(self.service), fleet.settings_of(self.service)
        refused = await command(fleet.cluster, line, given)
        assert (refused.code, "stop every replica first" in refused.said) == (1, True), refused.said
        await fleet.stopped(self.service)
        done = await command(fleet.cluster, line, given)
        assert done.code == 0, done.said
        rows = [msgspec.json.decode(row) for row in done.said.splitlines()]
        self.again[self.service] = sum(row["was"] - row["now"] for row in rows)
        await fleet.started(*fleet.replicas(self.service))


@pytest.fixture(scope="module")
def again() -> dict[str, int]:
    return {}


@pytest.fixture(scope="module")
def fought(
    again: dict[str, int],
    bootstrap: str,
    database_server: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> Fought:
    folder: Path = tmp_path_factory.mktemp("rewind")
    ground = ground_for("rewind", bootstrap, database_server, folder)
    troubles = [Rewind(service, again) for service in CONSUMERS]
    return asyncio.run(asyncio.wait_for(fight(ground, COUNT, troubles), PATIENCE))


class TestRewound(Promises):
    """The promises, after every consumer has read everything twice."""

    def test_every_consumer_read_a_part_again(self, fought: Fought, again: dict[str, int]) -> None:
        ledger = tell("drill-rewind", fought, **{f"{k} read again": n for k, n in again.items()})

        assert all(again[service] > COUNT // 10 for service in CONSUMERS)
        assert (ledger["lost"], ledger["invented"]) == (0, 0)
        assert ledger["refused"] == ledger["cut off and sent again"] == 0, "ingest went on"

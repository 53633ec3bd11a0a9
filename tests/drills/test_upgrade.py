"""`make test-upgrade`: a release rolls out and is rolled back, both side by side, posts come in.

The inputs that break the easy version: an event with a field that its reader does not know, on
every topic; a row with a column that its writer does not know; a store that is ahead of the
program after the rollback; two replicas of two releases in one group.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from schemas.topics import CLASSIFIED, DECISIONS, POSTS, SLA, TICKETS
from stream.database import let_go, open_engine
from tests.drills.ground import PATIENCE, command, ground_for, tell
from tests.drills.next_release import FIELD, REVISION, VALUE, WITH_STORE, made
from tests.ledger.fight import Fought, Ground, fight
from tests.ledger.fleet import Fleet
from tests.ledger.promises import Promises
from tests.ledger.senders import Senders
from tests.processes import ROOT

COUNT = 600
ORDER = ("notify", "route", "classify", "ingest")
"""Who reads goes before who writes; back, the other way."""
TOPICS = (POSTS, CLASSIFIED, DECISIONS, TICKETS, SLA)


@dataclass
class Roll:
    """One release takes the other's place, replica by replica; between them both are at work."""

    root: Path
    order: tuple[str, ...]
    said: list[str] = field(default_factory=list)

    async def __call__(self, fleet: Fleet, senders: Senders) -> None:
        await senders.more(COUNT // 12)
        for service in self.order:
            if service in WITH_STORE:
                line, given = f"python -m services.{service} migrate", fleet.settings_of(service)
                done = await command(fleet.cluster, line, given, self.root)
                assert done.code == 0, done.said
                self.said += done.said.splitlines()
            for replica in fleet.replicas(service):
                await fleet.replaced(replica, self.root)
                await senders.more(COUNT // 30)


@pytest.fixture(scope="module")
def rolls(tmp_path_factory: pytest.TempPathFactory) -> list[Roll]:
    root = made(tmp_path_factory.mktemp("next"))
    return [Roll(root, ORDER), Roll(ROOT, ORDER[::-1])]


@pytest.fixture(scope="module")
def ground(
    bootstrap: str, database_server: Any, tmp_path_factory: pytest.TempPathFactory
) -> Ground:
    folder: Path = tmp_path_factory.mktemp("upgrade")
    return ground_for("upgrade", bootstrap, database_server, folder)


@pytest.fixture(scope="module")
def fought(rolls: list[Roll], ground: Ground) -> Fought:
    return asyncio.run(asyncio.wait_for(fight(ground, COUNT, rolls), PATIENCE))


class TestUpgraded(Promises):
    """The promises, after a release came and went."""

    def test_both_releases_wrote_to_every_topic(self, fought: Fought) -> None:
        said = {topic.name: _kinds(fought, topic.name) for topic in TOPICS}
        both = {name: min(count[True], count[False]) for name, count in said.items()}
        ledger = tell(
            "test-upgrade", fought, **{f"of the fewer on {n}": c for n, c in both.items()}
        )

        assert all(both.values()), said
        assert (ledger["lost"], ledger["invented"]) == (0, 0)

    def test_a_rollback_left_the_stores_where_they_were(
        self, fought: Fought, rolls: list[Roll], ground: Ground
    ) -> None:
        forward, back = rolls
        assert all(line.endswith(f"at {REVISION}, it was at 0001") for line in forward.said)
        assert all(line.endswith(f"at {REVISION}, it was at {REVISION}") for line in back.said)
        assert len(forward.said) == len(back.said) == len(WITH_STORE)
        for service, table in WITH_STORE.items():
            values = asyncio.run(_values(ground.databases[service], table))
            assert {None, VALUE} <= values, f"{service}: rows of one release alone"


def _kinds(fought: Fought, topic: str) -> Counter[bool]:
    """How many records have the new field, and how many have not; ticks have none."""
    records = fought.found.records[topic]
    events = [one for one in records if dict(one.headers)["ce_type"] != b"PipelineTick"]
    return Counter(f'"{FIELD}"'.encode() in (one.value or b"") for one in events)


async def _values(url: str, table: str) -> set[str | None]:
    engine = open_engine(url)
    try:
        async with engine.connect() as connection:
            rows = await connection.execute(text(f"select distinct {FIELD} from {table}"))  # noqa: S608 - ours
            return set(rows.scalars())
    finally:
        await let_go(engine)

"""The whole pipeline under fire: nothing lost, nothing invented, every clock right.

Four services, two replicas of each consumer, PostgreSQL; each process is SIGKILLed once with work
in hand. The inputs that break the easy version: a reply before its post, an edit before its
original, a delivery twice; a kill between two steps, of every process; a case that its customer
opens again ten minutes and two hours after a person closed it.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest

from schemas.event import derive_id
from stream.topic_admin import Cluster
from tests.ledger.fight import Fought, Ground, fight
from tests.ledger.fleet import MINIMUM, REPLICAS, SERVICES_WITH_STORE, Fleet
from tests.ledger.promises import Promises
from tests.ledger.senders import Senders
from tests.stored import database_named

LONG = os.environ.get("LEDGER") == "long"  # noqa: TID251 - the run's own setting
COUNT = 3000 if LONG else 700
CONSUMERS = [replica for replica in REPLICAS if replica != "ingest-1"]
ROUNDS = (
    [[replica] for replica in REPLICAS] if LONG else [CONSUMERS[:3], ["ingest-1"], CONSUMERS[3:]]
)
"""Who is killed at the same time: one after another, or a whole chain at once."""

PATIENCE = 1200 if LONG else 300


@dataclass(frozen=True)
class Kills:
    """SIGKILL to each of these, once its group has work in hand."""

    victims: Sequence[str]

    async def __call__(self, fleet: Fleet, senders: Senders) -> None:
        await asyncio.gather(
            *(fleet.kill(one, in_hand(fleet, senders, one)) for one in self.victims)
        )


def in_hand(fleet: Fleet, senders: Senders, replica: str) -> Callable[[], Awaitable[int]]:
    """How much work a replica's group has."""
    return senders.in_flight if replica == "ingest-1" else partial(fleet.behind, replica)


@pytest.fixture(scope="module")
def fought(
    bootstrap: str, database_server: Any, tmp_path_factory: pytest.TempPathFactory
) -> Fought:
    run = derive_id(str(os.getpid()), "ledger")[:8]
    database = database_named(database_server, f"ledger_{run}")
    ground = Ground(
        cluster=Cluster(bootstrap=bootstrap, prefix=f"ledger-{run}", partitions=12),
        databases=dict.fromkeys(SERVICES_WITH_STORE, database),
        folder=tmp_path_factory.mktemp("ledger"),
    )
    troubles = [Kills(victims) for victims in ROUNDS]
    return asyncio.run(asyncio.wait_for(fight(ground, COUNT, troubles), PATIENCE))


class TestUnderFire(Promises):
    """The promises, after every process was killed."""

    def test_every_process_was_killed_with_work_in_hand(self, fought: Fought) -> None:
        assert sorted(killed.replica for killed in fought.fleet.killed) == sorted(REPLICAS)
        assert all(killed.waiting >= MINIMUM for killed in fought.fleet.killed)
        assert fought.accepted.repeated > 0
        assert fought.found.repeated() > 0, "a run in which nothing came twice proves little"

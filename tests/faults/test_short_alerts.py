"""Replicas of route that die at every step of an alert: each is told once, counted at the provider.

The inputs that break the easy version: a death between the fold and the channel, with the request
under way, behind the answer; an acknowledgement and an escalation that die half done; channels that
refuse, hang, and take a message and drop the line.
"""

import asyncio
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from schemas.topics import TOPICS
from stream.topic_admin import Cluster, create
from tests.faults.alert_life import Life
from tests.faults.callers import NEXT, PARTITIONS, Callers
from tests.faults.gates import Gates
from tests.faults.handed import CHANNELS, KEYED, Copy, Told, copies
from tests.faults.servers import Broker, Database
from tests.provider import Provider, Sent

LONG = os.environ.get("FAULTS") == "long"  # noqa: TID251 - the run's own setting
LIVES = 4 if LONG else 1
"""Lives of alerts; in every other one those die that have nothing in hand."""
EACH = 2 if LONG else 1
"""Cases of each channel that somebody takes, and as many that nobody does."""
PATIENCE = 900 if LONG else 240


class Lived(NamedTuple):
    """What the provider was handed, who died, and of what it should have been told."""

    log: Sequence[Sent]
    dead: Sequence[str]
    expected: set[Told]

    @property
    def copies(self) -> Mapping[Told, Sequence[Copy]]:
        return copies(self.log)

    def is_lost(self, copy: Copy) -> bool:
        """May its sender not have known, or not have written down, that it was taken?"""
        return not copy.heard or copy.sender in self.dead


@pytest.fixture(scope="module")
def lived(broker: Broker, database: Database, tmp_path_factory: pytest.TempPathFactory) -> Lived:
    """All lives are over, and no replica runs any more."""
    cluster = Cluster(bootstrap=broker.bootstrap, prefix="talerts", partitions=PARTITIONS)
    url = database.server.create_database("alerts_lived")
    return asyncio.run(_lived(cluster, url, tmp_path_factory.mktemp("alerts")))


async def _lived(cluster: Cluster, url: str, folder: Path) -> Lived:
    await create(cluster, TOPICS)
    expected = set[Told]()
    with Provider() as provider:
        callers = Callers(cluster, url, folder, provider, chain="1s")
        try:
            async with asyncio.timeout(PATIENCE), Gates(url) as gates:
                for _ in range(2):
                    await callers.start(gates)
                await callers.ready()
                await gates.build()
                for number in range(LIVES):
                    left, taken = _cases(f"left-{number}"), _cases(f"taken-{number}")
                    life = Life(callers, gates, provider, in_hand=number % 2 == 0)
                    await life.lived(cluster, left, taken)
                    expected |= set(_told(left, taken))
        finally:
            callers.stop()
        return Lived(provider.log(), callers.dead, expected)


def _cases(name: str) -> Sequence[str]:
    return [f"{channel}-{name}-{number}" for channel in CHANNELS for number in range(EACH)]


def _told(left: Sequence[str], taken: Sequence[str]) -> Sequence[Told]:
    """Each case's own channel, then the next one up, or who has it."""
    homes = {case: case.partition("-")[0] for case in (*left, *taken)}
    return [
        *(Told(home, case, taken=False) for case, home in homes.items()),
        *(Told(NEXT[homes[case]], case, taken=False) for case in left),
        *(Told(homes[case], case, taken=True) for case in taken),
    ]


def test_each_is_told_once_at_each_level_and_nothing_is_lost(lived: Lived) -> None:
    assert len(lived.dead) == 11 * LIVES
    assert set(lived.copies) == lived.expected


def test_what_came_twice_came_of_an_answer_that_was_lost(lived: Lived) -> None:
    copies = lived.copies.values()

    assert all(some[-1].heard for some in copies)
    assert all(lived.is_lost(copy) for some in copies for copy in some[:-1])
    assert any(some[1:] for told, some in lived.copies.items() if told.channel not in KEYED)


def test_a_crash_costs_one_duplicate_at_most(lived: Lived) -> None:
    for some in lived.copies.values():
        assert len({copy.sender for copy in some[:-1]}) == len(some[:-1])


def test_channels_with_a_key_know_every_duplicate(lived: Lived) -> None:
    keyed = {told: some for told, some in lived.copies.items() if told.channel in KEYED}

    assert {len({copy.keys for copy in some}) for some in keyed.values()} == {1}
    assert all(copy.keys for some in keyed.values() for copy in some)

"""Each channel has a trouble of its own: none delays another, none loses or repeats an alert.

The inputs that break the easy version: a channel that hangs while others have alerts; one that says
when to come again; one that takes a message and drops the line; several alerts on each.
"""

import asyncio
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from schemas.topics import TOPICS
from stream.topic_admin import Cluster, create
from tests.faults.alert_life import until
from tests.faults.callers import PARTITIONS, Callers, posts
from tests.faults.gates import Gate, Gates
from tests.faults.handed import CHANNELS, PATHS, Told, channel_of, copies, told_of
from tests.faults.servers import Broker, Database
from tests.processes import write_records
from tests.provider import (
    DROPS,
    FAILS,
    HANGS,
    TAKES,
    TAKES_AND_DROPS,
    Answer,
    Provider,
    Sent,
    busy,
)

LONG = os.environ.get("FAULTS") == "long"  # noqa: TID251 - the run's own setting
TURNS = len(CHANNELS) if LONG else 2
"""In each turn every channel has another of the troubles."""
EACH = 3
"""Alerts of each channel in a turn."""
TROUBLES = (HANGS, busy(1), FAILS, TAKES_AND_DROPS, DROPS)
AT_MOST = 1.0
"""Seconds that the others may come later than the one that hangs."""
PATIENCE = 240


class Turn(NamedTuple):
    """Which channel had what trouble, and what the provider was sent meanwhile."""

    troubles: Mapping[str, Answer]
    log: Sequence[Sent]

    @property
    def hanging(self) -> str:
        return next(name for name, one in self.troubles.items() if one is HANGS)

    def asked(self, channel: str) -> Sequence[float]:
        """When a channel was asked; the first ones are one for each alert of the fold."""
        return [sent.at for sent in self.log if channel_of(sent) == channel]

    def later(self) -> Mapping[Told, float]:
        """When each alert that came while one hangs was handed over first."""
        found = dict[Told, float]()
        for sent in self.log:
            if sent.answer is not DROPS and "more" in told_of(sent).case:
                found.setdefault(told_of(sent), sent.at)
        return found


@pytest.fixture(scope="module")
def turns(
    broker: Broker, database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Sequence[Turn]:
    """All turns are over, and no replica runs any more."""
    cluster = Cluster(bootstrap=broker.bootstrap, prefix="tchannels", partitions=PARTITIONS)
    url = database.server.create_database("channels_in_trouble")
    return asyncio.run(_turns(cluster, url, tmp_path_factory.mktemp("channels")))


async def _turns(cluster: Cluster, url: str, folder: Path) -> Sequence[Turn]:
    await create(cluster, TOPICS)
    found = list[Turn]()
    with Provider() as provider:
        callers = Callers(cluster, url, folder, provider, chain="1h")
        try:
            async with asyncio.timeout(PATIENCE), Gates(url) as gates:
                await callers.start(gates)  # alone: no other replica helps it out
                await callers.ready()
                for number in range(TURNS):
                    found.append(await _played(number, cluster, provider, gates))
        finally:
            callers.stop()
    return found


async def _played(number: int, cluster: Cluster, provider: Provider, gates: Gates) -> Turn:
    """One fold tells each channel of its alerts; while one hangs, the others get more."""
    turned = (*CHANNELS[number:], *CHANNELS[:number])
    turn, seen = Turn(dict(zip(turned, TROUBLES, strict=True)), ()), len(provider.log())
    for channel, trouble in turn.troubles.items():
        provider.tells(PATHS[channel], *[trouble] * EACH, TAKES)
    cases, more = _cases(CHANNELS, f"{number}-first"), _cases(turned[1:], f"{number}-more")
    await gates.close(Gate.turn)
    await write_records(cluster, posts(cases))
    await until(lambda: _wait(gates, len(cases)))
    await gates.open(Gate.turn)
    await until(lambda: _hang(turn._replace(log=provider.log()[seen:])))
    await write_records(cluster, posts(more))
    await until(lambda: _took(provider, (*cases, *more)))
    return turn._replace(log=provider.log()[seen:])


def _cases(channels: Iterable[str], name: str) -> Sequence[str]:
    return [f"{channel}-{name}-{n}" for channel in channels for n in range(EACH)]


async def _wait(gates: Gates, many: int) -> bool:
    waiting = "select count(*) from route_alert_intents where done_at is null"
    return await gates.count(waiting) == many


async def _hang(turn: Turn) -> bool:
    return len(turn.asked(turn.hanging)) == EACH


async def _took(provider: Provider, cases: Iterable[str]) -> bool:
    heard = {told.case for told, some in copies(provider.log()).items() if some[-1].heard}
    return set(cases) <= heard


def test_each_is_taken_once_and_twice_only_where_the_answer_was_dropped(
    turns: Sequence[Turn],
) -> None:
    for turn in turns:
        for told, some in copies(turn.log).items():
            dropped = turn.troubles[told.channel] is TAKES_AND_DROPS and "first" in told.case
            assert len(some) == 1 + dropped
            assert len({copy.keys for copy in some}) == 1


def test_the_others_are_handed_theirs_within_a_second_of_the_one_that_hangs(
    turns: Sequence[Turn],
) -> None:
    for turn in turns:
        since = turn.asked(turn.hanging)[0]
        last = {channel: turn.asked(channel)[EACH - 1] - since for channel in CHANNELS}
        assert {channel: late for channel, late in last.items() if late > AT_MOST} == {}


def test_what_comes_while_one_hangs_is_handed_over_before_that_is_given_up(
    turns: Sequence[Turn],
) -> None:
    for turn in turns:
        again = turn.asked(turn.hanging)[EACH]
        assert len(turn.later()) == EACH * (len(CHANNELS) - 1)
        assert [told for told, at in turn.later().items() if at > again] == []

"""Of what parts is a process made that polls? Workers that take turns, and a reader a topic."""

from collections.abc import Iterator, Mapping
from functools import partial

import httpx
import msgspec
from sqlalchemy.ext.asyncio import AsyncEngine

from services.ingest.domain.brands import Accounts
from services.ingest.domain.polls import TopicPoll
from services.ingest.handlers import Receiving
from services.ingest.pollers.engine import Clock, Polling
from services.ingest.pollers.sources import sources_of
from services.ingest.pollers.topic import TopicReading
from services.ingest.store.cursors import StoredCursors
from stream.broker import Broker
from stream.member import KafkaSource, Member
from stream.probes import Probes
from stream.service import Part, insisting, repeated

POLL_SECONDS = 1.0

POLLERS = 4
"""How many sources a process polls at once: a slow one holds only one of them."""


class Polls(msgspec.Struct, frozen=True, kw_only=True):
    """What is polled, and with what; the broker is our own."""

    accounts: Accounts
    environment: Mapping[str, str]
    broker: Broker
    engine: AsyncEngine
    client: httpx.AsyncClient


async def poll_parts(
    polls: Polls, receiving: Receiving, clock: Clock, probes: Probes
) -> tuple[Part, ...]:
    """The parts, with a cursor for each account; raises ``BadSettings``."""
    cursors = StoredCursors(polls.engine, polls.accounts.values())
    sources = sources_of(polls.accounts, polls.environment, polls.client, clock.real)
    await insisting(lambda: cursors.begin(clock.real()))
    polling = Polling(cursors, sources, receiving, clock)

    async def turn() -> int:
        probes.turned()
        return await polling.turn()

    readings = _readings(polls, receiving, clock, probes)
    return (*[repeated(turn, POLL_SECONDS)] * POLLERS, *(one.run for one in readings))


def _readings(
    polls: Polls, receiving: Receiving, clock: Clock, probes: Probes
) -> Iterator[TopicReading]:
    for account in polls.accounts.values():
        if isinstance(account.poll, TopicPoll):
            poll, own = account.poll, polls.broker
            other = Broker(bootstrap=poll.bootstrap) if poll.bootstrap else own  # no secret of ours
            source = KafkaSource(
                bootstrap=other.bootstrap, security=other.security, prefix="", group=poll.group
            )
            member = partial(Member, source, (account.poll.topic,))
            yield TopicReading(account, member, receiving, clock, probes)

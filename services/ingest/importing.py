"""How do the rows of a file get in? Part by part, the next once the last is acked."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence

from schemas.topics import POSTS
from services.ingest.domain.erasure import People
from services.ingest.domain.fate import Receipt, Unavailable
from services.ingest.domain.receipt import Native, Seen, arrived
from services.ingest.domain.short_memory import ShortMemory
from services.ingest.handlers import Arrival, Receiving
from services.ingest.installation import Measures, accounts_of, keeping_of
from services.ingest.platforms.table import PLATFORMS
from services.ingest.settings import Settings
from services.ingest.store.suppressions import StoredSuppressions
from services.ingest.store.tables import HISTORY
from stream.clock import parse_clock
from stream.database import open_engine
from stream.lag import behind
from stream.migrations import ready
from stream.publisher import KafkaPublisher
from stream.settings import BadSettings
from stream.topic_admin import Cluster, cluster_of

IMPORT_ROWS = 200
"""How many rows of a file are kept at once."""

YIELD_RECORDS = 1000
"""How many posts may wait for classify before an import waits, too."""

YIELD_SECONDS = 0.5
LOG = logging.getLogger(__name__)


async def import_rows(
    settings: Settings, where: tuple[str, str], natives: Sequence[Native]
) -> AsyncIterator[Receipt | Unavailable]:
    """Keep the rows of a file part by part; the next is read once the last is acked."""
    account = accounts_of(settings).get(where)
    if account is None:
        raise BadSettings(f"expected an account of {settings.brands}, got `{'/'.join(where)}`")
    clock, people = parse_clock(settings.clock), await _people(settings)
    measures, cluster = Measures(clock), cluster_of(settings)
    async with KafkaPublisher(cluster, cluster.prefix, measures.shared) as publish:
        keeping, metrics, shared = keeping_of(settings), measures.metrics, measures.shared
        receiving = Receiving(publish, keeping, metrics, shared, ShortMemory(people))
        for start in range(0, len(natives), IMPORT_ROWS):
            await _until_it_is_quiet(cluster)
            seen = Seen(account=account, received_at=clock.now(), backfill=True)
            part = natives[start : start + IMPORT_ROWS]
            arrival = Arrival(
                source=account.source,
                events=arrived(part, seen),
                real_at=clock.real(),
                message_id=f"{'/'.join(where)}#{start}",
            )
            yield await receiving.receive(PLATFORMS["bulk"], arrival)


async def _until_it_is_quiet(cluster: Cluster) -> None:
    """What is imported yields to live posts: it waits while classify is behind (design 3.7)."""
    waited = False
    while (posts := await behind(cluster, "classify", [POSTS])) > YIELD_RECORDS:
        if not waited:
            LOG.warning("waits for classify to come nearer", extra={"count": posts})
        waited = True
        await asyncio.sleep(YIELD_SECONDS)  # live posts go first; nothing tells when they are done


async def _people(settings: Settings) -> People:
    """A file brings nobody back who was forgotten."""
    engine = open_engine(settings.database_url)
    try:
        await ready(engine, HISTORY, settings.migrate)
        suppressions = StoredSuppressions(engine, settings.erasure_key.encode())
        await suppressions.refresh()
        return suppressions.people
    finally:
        await engine.dispose()

"""How do the rows of a file get in? Part by part, the next once the last is acked."""

from collections.abc import AsyncIterator, Sequence

from services.ingest.app import Measures, accounts_of, keeping_of, publisher
from services.ingest.domain.erasure import People
from services.ingest.domain.fate import Receipt, Unavailable
from services.ingest.domain.receipt import Arrived, Native, Seen
from services.ingest.domain.short_memory import ShortMemory
from services.ingest.handlers import Arrival, Receiving
from services.ingest.platforms.table import PLATFORMS
from services.ingest.settings import Settings
from services.ingest.store.suppressions import StoredSuppressions
from services.ingest.store.tables import METADATA
from stream.clock import parse_clock
from stream.database import create_tables, open_engine
from stream.settings import BadSettings

IMPORT_ROWS = 200
"""How many rows of a file are kept at once."""


async def import_rows(
    settings: Settings, where: tuple[str, str], natives: Sequence[Native]
) -> AsyncIterator[Receipt | Unavailable]:
    """Keep the rows of a file part by part; the next is read once the last is acked."""
    account = accounts_of(settings).get(where)
    if account is None:
        raise BadSettings(f"expected an account of {settings.brands}, got `{'/'.join(where)}`")
    clock, people = parse_clock(settings.clock), await _people(settings)
    measures = Measures(clock)
    async with publisher(settings, measures) as publish:
        keeping, metrics, shared = keeping_of(settings), measures.metrics, measures.shared
        receiving = Receiving(publish, keeping, metrics, shared, ShortMemory(people))
        for start in range(0, len(natives), IMPORT_ROWS):
            seen = Seen(account=account, received_at=clock.now(), backfill=True)
            part = natives[start : start + IMPORT_ROWS]
            arrival = Arrival(
                source=account.source,
                events=tuple(Arrived(native=native, seen=seen) for native in part),
                real_at=clock.real(),
                message_id=f"{'/'.join(where)}#{start}",
            )
            yield await receiving.receive(PLATFORMS["bulk"], arrival)


async def _people(settings: Settings) -> People:
    """A file brings nobody back who was forgotten."""
    engine = open_engine(settings.database_url)
    try:
        await create_tables(engine, METADATA)
        suppressions = StoredSuppressions(engine, settings.erasure_key.encode())
        await suppressions.refresh()
        return suppressions.people
    finally:
        await engine.dispose()

"""How does a store that was put back from a backup forget anew? Whoever erasures.v1 tells of."""

from schemas.erasures import AuthorErased
from schemas.topics import ERASURES
from services.ingest.domain.erasure import Suppression
from services.ingest.settings import Settings
from services.ingest.store.memory import StoredMemory
from services.ingest.store.tables import HISTORY
from stream.database import let_go, only_replica, open_engine
from stream.decode import Decode
from stream.migrations import migrated
from stream.reading import records
from stream.topic_admin import cluster_of


async def recover(settings: Settings) -> int:
    """Forget everybody whose wish the topic holds (90 days); how many the store knew nothing of.

    Ingest may run meanwhile: a wish is a wish from whoever hears of it first. The topic is read as
    the operator, for no service but route may.
    """
    engine, forgotten = open_engine(settings.database_url), 0
    memory = StoredMemory(engine, settings.erasure_key.encode())
    try:
        with only_replica(settings.database_url):
            await migrated(engine, HISTORY)
            await memory.refresh()
            decode = Decode((AuthorErased,), service="ingest")
            async for received in records(cluster_of(settings), ERASURES):
                message = decode(received).message
                wish = message.event if message else None
                known = memory.people().forgotten
                if isinstance(wish, AuthorErased) and wish.author_hash not in known:
                    await memory.forget(_wish_of(wish))
                    forgotten += 1
    finally:
        await let_go(engine)
    return forgotten


def _wish_of(event: AuthorErased) -> Suppression:
    return Suppression(
        receipt_id=event.receipt_id,
        author_hash=event.author_hash,
        requested_at=event.requested_at,
    )

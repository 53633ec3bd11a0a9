"""Where is it noted what people commanded?"""

import msgspec
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.route.domain.views import Audited, Correction
from services.route.store.tables import AUDIT
from stream.database import micros


async def note(
    connection: AsyncConnection, audited: Audited, correction: Correction | None = None
) -> None:
    """Keep it in the trail, in the transaction that did it; with what it corrected of a ticket."""
    row = {
        "brand": audited.brand,
        "ticket": audited.ticket_id or "",
        "at": micros(audited.at),
        "body": msgspec.json.encode(audited),
        "correction": msgspec.json.encode(correction) if correction else None,
    }
    await connection.execute(insert(AUDIT).values(**row))

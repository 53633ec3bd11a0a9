"""Where is it noted what people commanded that is about no ticket?"""

import msgspec
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.route.domain.views import Audited
from services.route.store.tables import AUDIT
from stream.database import micros


async def note(connection: AsyncConnection, audited: Audited) -> None:
    """Keep it in the trail, in the transaction that did it."""
    row = {
        "brand": audited.brand,
        "ticket": audited.ticket_id or "",
        "at": micros(audited.at),
        "body": msgspec.json.encode(audited),
    }
    await connection.execute(insert(AUDIT).values(**row))

"""What is nobody to hear now? Silences that hold, and whether all alerts are held."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import BigInteger, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.route.domain.silencing import Silence
from services.route.store.tables import HOLDS, SILENCES
from stream.database import micros

_AT = bindparam("at", type_=BigInteger)
_SILENCES = select(SILENCES.c.body).where(SILENCES.c.since <= _AT, SILENCES.c.until > _AT)
_HELD = select(HOLDS.c.seq).where(HOLDS.c.since <= _AT, HOLDS.c.until.is_(None)).limit(1)


async def silences_at(connection: AsyncConnection, now: datetime) -> Sequence[Silence]:
    """Those that hold at that instant."""
    bodies = (await connection.execute(_SILENCES, {"at": micros(now)})).scalars()
    return [msgspec.json.decode(body, type=Silence) for body in bodies]


async def is_held(connection: AsyncConnection, now: datetime) -> bool:
    """Does somebody hold all alerts?"""
    return (await connection.execute(_HELD, {"at": micros(now)})).first() is not None

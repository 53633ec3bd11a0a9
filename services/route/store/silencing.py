"""Which silences hold, come, and have been? Changed by command, looked up before each alert."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Row, bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.route.domain.desk import Rules
from services.route.domain.silence_wish import (
    KeptSilence,
    SilenceView,
    SilenceWish,
    brands_named,
    ended,
    silence_of,
    view_of,
    wrong_wish,
)
from services.route.domain.silencing import Silence
from services.route.domain.views import Audited
from services.route.store.tables import SILENCES
from services.route.store.trail import note
from stream.clock import Clock
from stream.database import alone, micros

MOST = 1_000
"""How many are listed; those that hold or come end last, so they are never cut off."""
_AT = (
    select(SILENCES)
    .where(
        SILENCES.c.since <= bindparam("now", type_=BigInteger),
        SILENCES.c.until > bindparam("now", type_=BigInteger),
    )
    .order_by(SILENCES.c.seq)
)
_LISTED = select(SILENCES).order_by(SILENCES.c.until.desc(), SILENCES.c.seq.desc()).limit(MOST)


async def silences_at(connection: AsyncConnection, now: datetime) -> Sequence[Silence]:
    """Those that hold at that instant."""
    rows = (await connection.execute(_AT, {"now": micros(now)})).all()
    return [_silence(row) for row in rows]


async def silences_listed(connection: AsyncConnection) -> Sequence[KeptSilence]:
    """Those that hold and come, and those that have ended, the last to end first."""
    return [_silence(row) for row in (await connection.execute(_LISTED)).all()]


async def silence_by_id(connection: AsyncConnection, seq: int) -> KeptSilence | None:
    """One silence, its row locked for the transaction."""
    query = select(SILENCES).where(SILENCES.c.seq == seq).with_for_update()
    row = (await connection.execute(query)).one_or_none()
    return _silence(row) if row else None


async def add_silence(connection: AsyncConnection, silence: KeptSilence) -> KeptSilence:
    """Keep a silence; it comes back with its number."""
    query = insert(SILENCES).values(**_row(silence)).returning(SILENCES.c.seq)
    number = int((await connection.execute(query)).scalar_one())
    return msgspec.structs.replace(silence, id=number)


async def end_silence(
    connection: AsyncConnection, seq: int, *, now: datetime, by: str
) -> tuple[KeptSilence, KeptSilence] | None:
    """Take the rest of its time from a silence, before and after; None where none is left."""
    before = await silence_by_id(connection, seq)
    after = ended(before, now, by) if before else None
    if before is None or after is None:
        return None
    await connection.execute(update(SILENCES).where(SILENCES.c.seq == seq).values(**_row(after)))
    return before, after


class StoredSilences:
    """The API's view of silences; every change is in the trail."""

    def __init__(self, engine: AsyncEngine, rules: Callable[[], Rules], clock: Clock) -> None:
        self._engine, self._rules, self._clock = engine, rules, clock

    async def listed(self) -> Sequence[SilenceView]:
        """Those that hold and come, and those that have ended, the last to end first."""
        async with alone(self._engine).connect() as connection:
            found = await silences_listed(connection)
        now = self._clock.now()
        return [view_of(silence, now) for silence in found]

    async def one(self, number: int) -> SilenceView | None:
        """One silence."""
        async with self._engine.begin() as connection:
            found = await silence_by_id(connection, number)
        return view_of(found, self._clock.now()) if found else None

    async def add(self, wish: SilenceWish, *, by: str) -> SilenceView:
        """Keep what is wished for; raises ``ValueError`` with every field that cannot be."""
        now = self._clock.now()
        wrong = [f"{field}: {why}" for field, why in wrong_wish(wish, now, self._teams())]
        if wrong:
            raise ValueError("; ".join(wrong))
        async with self._engine.begin() as connection:
            made = view_of(await add_silence(connection, silence_of(wish, now, by)), now)
            changed = {"id": (None, made.id), "matches": (None, made.matches)}
            times = {"from": (None, made.since), "until": (None, made.until)}
            await note(connection, _audited(made, "silence", by, now, {**changed, **times}))
        return made

    async def end(self, number: int, *, by: str) -> None:
        """End it now; one that has ended already stays as it is."""
        now = self._clock.now()
        async with self._engine.begin() as connection:
            done = await end_silence(connection, number, now=now, by=by)
            if done:
                before, after = done
                changed = {"id": (number, number), "until": (before.until, after.until)}
                view = view_of(after, now)
                await note(connection, _audited(view, "end-silence", by, now, changed))

    def _teams(self) -> Sequence[str]:
        return list(self._rules().policy.teams)


def _audited(
    view: SilenceView,
    command: str,
    by: str,
    at: datetime,
    changed: dict[str, tuple[Any, Any]],
) -> Audited:
    """A silence of one brand is in the trail of that brand."""
    brands = brands_named(view.matches) or frozenset()
    return Audited(
        at=at,
        by=by,
        command=command,
        brand=min(brands) if len(brands) == 1 else "",
        reason=view.reason,
        changed=changed,
    )


def _silence(row: Row[Any]) -> KeptSilence:
    kept = msgspec.json.decode(row.body, type=KeptSilence)
    return msgspec.structs.replace(kept, id=row.seq)


def _row(silence: KeptSilence) -> dict[str, Any]:
    return {
        "since": micros(silence.since),
        "until": micros(silence.until),
        "body": msgspec.json.encode(silence),
    }

"""What does notify keep of posts? A narrow row each, for reports alone; nothing of a customer."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.decisions import Decision
from schemas.event import derive_id
from schemas.vocabulary import Addressed, Intent
from services.notify.store.tables import POSTS, SOURCES
from stream.database import micros
from stream.statements import among, upsert

FORGOTTEN_AT_ONCE = 1000
_ASKING = frozenset({Intent.question, Intent.complaint, Intent.request})
_KNOWN = select(POSTS.c.id, POSTS.c.revision).where(among(POSTS.c.id, "posts"))
_SEEN = select(SOURCES).where(among(SOURCES.c.brand, "brands"))
_OLD = select(POSTS.c.id).where(POSTS.c.at < bindparam("before")).limit(FORGOTTEN_AT_ONCE)
_FORGET = delete(POSTS).where(POSTS.c.id.in_(_OLD.scalar_subquery()))


async def note_decisions(connection: AsyncConnection, decisions: Sequence[Decision]) -> None:
    """Write what was decided of posts, each by its latest revision."""
    rows: dict[str, dict[str, Any]] = {}
    for row in sorted(map(_row, decisions), key=lambda one: int(one["revision"])):
        rows[row["id"]] = row
    if not rows:
        return
    found = (await connection.execute(_KNOWN, {"posts": rows.keys()})).all()
    newer = {row.id for row in found if row.revision > rows[row.id]["revision"]}
    await upsert(connection, POSTS, [rows[key] for key in sorted(rows.keys() - newer)])
    await _note_sources(connection, rows.values())


async def _note_sources(connection: AsyncConnection, rows: Iterable[Mapping[str, Any]]) -> None:
    """Keep the first instant of each source; it is seldom news."""
    first: dict[tuple[str, str], int] = {}
    for row in rows:
        if not row["own"]:
            key = row["brand"], row["source"]
            first[key] = min(row["at"], first.get(key, row["at"]))
    found = (await connection.execute(_SEEN, {"brands": {brand for brand, _ in first}})).all()
    known = {(row.brand, row.source): row.first_at for row in found}
    news = [
        {"brand": brand, "source": source, "first_at": at}
        for (brand, source), at in sorted(first.items())
        if at < known.get((brand, source), at + 1)
    ]
    await upsert(connection, SOURCES, news, lowest=("first_at",))


async def forget_posts(connection: AsyncConnection, before: datetime) -> int:
    """Delete some of the posts of before that instant; how many they were."""
    return (await connection.execute(_FORGET, {"before": micros(before)})).rowcount


def listed(words: Collection[str]) -> str:
    """Words as a text in which each of them is found between blanks."""
    return f" {' '.join(sorted(words))} " if words else ""


def _row(decision: Decision) -> dict[str, Any]:
    facts, reply = decision.inputs, decision.reply
    direct = facts.addressed is Addressed.direct
    return {
        "id": derive_id(f"{decision.brand}:{decision.post_id}", "Figures"),
        "revision": decision.revision,
        "at": micros(facts.at or decision.occurred_at),
        "brand": decision.brand,
        "source": facts.source,
        "role": facts.channel_role.value,
        "topic": facts.topic.value,
        "tone": facts.tone.value,
        "disposition": decision.disposition.value,
        "addressed": facts.addressed is not Addressed.none,
        "asks": direct and facts.intent in _ASKING and not facts.own,
        "many": facts.hot or facts.spike,
        "own": facts.own,
        "ticket": decision.ticket_id,
        "reply": decision.post_id if reply else None,
        "checked": listed(reply.checked) if reply else "",
        "failed": listed(reply.failed) if reply else "",
    }

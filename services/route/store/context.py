"""Where is counted what many say? Windows of topics, moods of threads, near copies."""

from typing import Any

from sqlalchemy import BigInteger, bindparam, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.vocabulary import CaseTopic
from services.route.domain.context import (
    BANDS,
    BUCKET,
    HOUR,
    SAME_WITHIN,
    SPIKES,
    WEEK,
    Context,
    Matter,
    Mood,
    Usual,
    WantedContext,
    bands_of,
    bucket_of,
)
from services.route.store.tables import COPIES, MOODS, WINDOWS
from stream.database import from_micros, micros
from stream.statements import among, upsert

_ASKED = (among(WINDOWS.c.brand, "brands"), among(WINDOWS.c.topic, "topics"))
_KEYS = (WINDOWS.c.brand, WINDOWS.c.topic, WINDOWS.c.lang)
_BETWEEN = WINDOWS.c.bucket.between(bindparam("since"), bindparam("until"))
_WINDOWS = (
    select(*_KEYS, WINDOWS.c.bucket, func.sum(WINDOWS.c.count))
    .where(*_ASKED, _BETWEEN)
    .group_by(*_KEYS, WINDOWS.c.bucket)
)
_HOUR = WINDOWS.c.bucket // int(HOUR.total_seconds() * 1_000_000)
_HOURS = (
    select(*_KEYS, func.sum(WINDOWS.c.count).label("count"))
    .where(*_ASKED, _BETWEEN)
    .group_by(*_KEYS, _HOUR)
    .subquery()
)
_USUAL = select(
    _HOURS.c.brand,
    _HOURS.c.topic,
    _HOURS.c.lang,
    func.sum(_HOURS.c.count),
    func.sum(_HOURS.c.count * _HOURS.c.count),
).group_by(_HOURS.c.brand, _HOURS.c.topic, _HOURS.c.lang)
_SINCE = select(*_KEYS, func.min(WINDOWS.c.bucket)).where(*_ASKED).group_by(*_KEYS)
_MOODS = select(MOODS).where(
    among(MOODS.c.brand, "brands"), among(MOODS.c.conversation, "conversations")
)
_COPIES = select(COPIES.c.brand, COPIES.c.fingerprint, COPIES.c.customer, COPIES.c.at).where(
    among(COPIES.c.brand, "brands"),
    or_(*(among(COPIES.c[f"band{n}"], f"bands{n}") for n in range(BANDS))),
    COPIES.c.at.between(bindparam("since", type_=BigInteger), bindparam("until", type_=BigInteger)),
)


async def context_of(connection: AsyncConnection, wanted: WantedContext) -> Context:
    """Look up what a step's posts are surrounded by; nothing is asked that no post needs."""
    context = Context()
    if wanted.topics:
        await _windows(connection, context, wanted)
        await _usual(connection, context, wanted)
    if wanted.conversations:
        await _moods(connection, context, wanted)
    if wanted.copies:
        await _copies(connection, context, wanted)
    return context


async def keep_context(connection: AsyncConnection, context: Context) -> None:
    """Write what a step has counted."""
    counts = [
        {
            "brand": brand,
            "topic": topic,
            "lang": lang,
            "bucket": micros(start),
            "partition": partition,
            "count": count,
        }
        for ((brand, topic, lang), start, partition), count in context.counted.items()
    ]
    await upsert(connection, WINDOWS, counts, adding=("count",))
    moods = [
        {"brand": brand, "conversation": name, "posts": mood.posts, "negative": mood.negative}
        for (brand, name), mood in context.changed_moods.items()
    ]
    await upsert(connection, MOODS, moods)
    copies = [
        {"brand": brand, "fingerprint": text, "customer": who, "at": micros(at), **_bands(text)}
        for (brand, text, who), at in context.new_copies.items()
    ]
    await upsert(connection, COPIES, copies)


def _bands(fingerprint: str) -> dict[str, int]:
    return {f"band{n}": value for n, value in enumerate(bands_of(fingerprint))}


def _topics(wanted: WantedContext) -> dict[str, Any]:
    brands, topics = ({matter[n] for matter in wanted.topics} for n in range(2))
    return {"brands": brands, "topics": topics}


async def _windows(connection: AsyncConnection, context: Context, wanted: WantedContext) -> None:
    asked = {
        **_topics(wanted),
        "since": micros(bucket_of(wanted.since - BUCKET)),
        "until": micros(wanted.until),
    }
    for *matter, bucket, count in (await connection.execute(_WINDOWS, asked)).all():
        context.windows.setdefault(_matter(matter), {})[from_micros(bucket)] = int(count)


async def _usual(connection: AsyncConnection, context: Context, wanted: WantedContext) -> None:
    """What is usual is only asked of a topic that is busy now."""
    busy = {
        matter[:2]
        for matter, window in context.windows.items()
        if sum(window.values()) >= SPIKES.minimum - 1
    }
    if not busy:
        return
    asked = {"brands": {brand for brand, _ in busy}, "topics": {topic for _, topic in busy}}
    since = {
        _matter(matter): from_micros(bucket)
        for *matter, bucket in (await connection.execute(_SINCE, asked)).all()
    }
    hour = bucket_of(wanted.until - HOUR)
    week = {**asked, "since": micros(hour - WEEK), "until": micros(hour - BUCKET)}
    for *found, total, squares in (await connection.execute(_USUAL, week)).all():
        matter = _matter(found)
        context.usual[matter] = Usual(total=int(total), squares=int(squares), since=since[matter])


async def _moods(connection: AsyncConnection, context: Context, wanted: WantedContext) -> None:
    brands, names = ({one[n] for one in wanted.conversations} for n in range(2))
    asked = {"brands": brands, "conversations": names}
    for row in (await connection.execute(_MOODS, asked)).all():
        mood = Mood(posts=row.posts, negative=row.negative)
        context.moods[row.brand, row.conversation] = mood


async def _copies(connection: AsyncConnection, context: Context, wanted: WantedContext) -> None:
    bands = [bands_of(fingerprint) for _, fingerprint in wanted.copies]
    asked = {
        "brands": {brand for brand, _ in wanted.copies},
        **{f"bands{n}": {values[n] for values in bands} for n in range(BANDS)},
        "since": micros(wanted.since - SAME_WITHIN),
        "until": micros(wanted.until + SAME_WITHIN),
    }
    for brand, text, who, at in (await connection.execute(_COPIES, asked)).all():
        context.known_copy(brand, text, who, at)


def _matter(key: list[Any]) -> Matter:
    brand, topic, lang = key
    return brand, CaseTopic(topic), lang

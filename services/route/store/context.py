"""Where is counted what many say? Windows of topics, moods of threads, near copies."""

from collections import Counter
from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Integer,
    Select,
    String,
    and_,
    bindparam,
    cast,
    func,
    literal_column,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, BIT
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import Grouping

from schemas.vocabulary import CaseTopic
from services.route.domain.context import (
    BANDS,
    BUCKET,
    HOUR,
    SAME_BITS,
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
_BANDS = [COPIES.c[f"band{n}"] for n in range(BANDS)]


def _copies_where(shares: Iterable[ColumnElement[bool]]) -> Select[str, str, str, int]:
    return select(COPIES.c.brand, COPIES.c.fingerprint, COPIES.c.customer, COPIES.c.at).where(
        among(COPIES.c.brand, "brands"),
        or_(*shares),
        COPIES.c.at.between(
            bindparam("since", type_=BigInteger), bindparam("until", type_=BigInteger)
        ),
    )


def _is_near(band: Column[int]) -> ColumnElement[bool]:
    """May it be near to what is asked for with that band? PostgreSQL counts the bits itself."""
    asked = bindparam(f"{band.name}s", type_=ARRAY(Integer))
    texts = bindparam(f"{band.name}_texts", type_=ARRAY(String))
    text = Grouping(texts)[func.array_position(asked, band)]
    differing = func.bit_count(_bits(COPIES.c.fingerprint).op("#")(_bits(text)))
    return func.coalesce(differing <= SAME_BITS, true())


def _bits(fingerprint: ColumnElement[str]) -> ColumnElement[Any]:
    return cast(literal_column("'x'", String).concat(fingerprint), BIT(64))


_COPIES = _copies_where(among(band, f"{band.name}s") for band in _BANDS)
"""Whatever shares a band with one of those asked for: by chance, most of it."""
_NEAR = _copies_where(and_(among(band, f"{band.name}s"), _is_near(band)) for band in _BANDS)
"""The same without what is far from the one that has the band, where only one has."""


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
    between = {
        "since": micros(wanted.since - SAME_WITHIN),
        "until": micros(wanted.until + SAME_WITHIN),
    }
    query = _NEAR if connection.dialect.name == "postgresql" else _COPIES
    rows = await connection.execute(query, {**_asked(wanted.copies), **between})
    for brand, text, who, at in rows.all():
        context.known_copy(brand, text, who, at)


def _asked(copies: Collection[tuple[str, str]]) -> dict[str, Any]:
    """By band the values asked for, and the text of each, or None where several have it."""
    asked: dict[str, Any] = {"brands": {brand for brand, _ in copies}}
    texts = sorted({text for _, text in copies})
    for band, values in zip(_BANDS, zip(*map(bands_of, texts), strict=True), strict=True):
        having, times = dict(zip(values, texts, strict=True)), Counter(values)
        alone = [having[value] if times[value] == 1 else None for value in sorted(having)]
        asked |= {f"{band.name}s": sorted(having), f"{band.name}_texts": alone}
    return asked


def _matter(key: list[Any]) -> Matter:
    brand, topic, lang = key
    return brand, CaseTopic(topic), lang

"""What many say is counted in the store and read at the next decision, on both databases.

The inputs that break the easy version: a week of counts by two partitions and two languages; a
campaign spread over steps of one post; a customer who is forgotten in the middle of one.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from hashlib import blake2b

import msgspec
import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import Table, func, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.classified import ClassifiedPost
from schemas.decisions import Decision, Facts
from schemas.erasures import AuthorErased
from schemas.posts import Author
from schemas.vocabulary import Addressed, CaseTopic, Intent, Op
from services.classify.domain.fingerprint import fingerprint
from services.route.domain.context import (
    BAND_BITS,
    BANDS,
    HOUR,
    SAME_BITS,
    WEEK,
    Context,
    WantedContext,
    bands_of,
)
from services.route.domain.rulebook import Rulebook
from services.route.handlers import Routing
from services.route.metrics import Metrics
from services.route.store.cases import RouteStore
from services.route.store.context import context_of, keep_context
from services.route.store.tables import COPIES, METADATA, POSTS, TICKETS, WINDOWS
from stream.database import micros
from tests.builders import MONDAY, a_classified, a_post, minutes
from tests.stored import opened
from tests.unit.route.test_desk_again import RULES, batch

OUTAGE = CaseTopic.outage_availability
TEXT = "Банк {0} обманул тысячи людей, не верьте ему, расскажите всем своим друзьям и близким!"


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    async with opened(database_url, METADATA) as store:
        yield store


async def facts(engine: AsyncEngine, *events: ClassifiedPost | AuthorErased) -> list[Facts]:
    """What each decision of one step looked at."""
    async with engine.begin() as connection:
        routing = Routing(Rulebook(RULES), Metrics(CollectorRegistry()))
        outputs = await routing.handle([batch(*events)], RouteStore(connection))
    decided = [out for out in outputs if out.topic == "decisions.v1"]
    return [msgspec.json.decode(out.value, type=Decision).inputs for out in decided]


async def a_week(engine: AsyncEngine, hourly: int, *, lang: str) -> None:
    """Eight days of an outage topic, every hour alike, counted by two partitions."""
    first, hours = MONDAY - WEEK - timedelta(days=1), int(WEEK / HOUR) + 24
    rows = [
        {**row(first + n * HOUR, lang=lang), "partition": partition, "count": hourly // 2}
        for n in range(hours)
        for partition in (5, 6)
    ]
    async with engine.begin() as connection:
        await connection.execute(insert(WINDOWS), rows)


def row(at: datetime, *, lang: str) -> dict[str, object]:
    return {"brand": "severbank", "topic": OUTAGE, "lang": lang, "bucket": micros(at)}


def an_hour(count: int, *, lang: str) -> Sequence[ClassifiedPost]:
    posts = [
        a_post(f"{lang}{n}", author=f"{lang}{n}", at=MONDAY + minutes(50 * n / count))
        for n in range(count)
    ]
    return [a_classified(post, topic=OUTAGE, lang=lang) for post in posts]


async def test_an_hour_is_compared_with_the_week_of_its_own_language(engine: AsyncEngine) -> None:
    await a_week(engine, 40, lang="ru")
    await a_week(engine, 2, lang="bg")

    russian = await facts(engine, *an_hour(30, lang="ru"))
    bulgarian = [one for event in an_hour(14, lang="bg") for one in await facts(engine, event)]

    assert {one.spike for one in russian} == {False}
    assert [one.spike for one in bulgarian] == [False] * 9 + [True] * 5


async def test_a_campaign_is_seen_across_steps_and_a_forgotten_customer_leaves_it(
    engine: AsyncEngine,
) -> None:
    words = ("снова", "опять", "вчера", "нагло", "сегодня", "всегда")
    events = []
    for n, word in enumerate(words):
        author = Author(id=f"c{n}", hash=f"{n:064x}")
        post = a_post(f"p{n}", author=author, text=TEXT.format(word), conversation_id=f"w{n}")
        copied = a_classified(post, fair_claim=False)
        events.append(msgspec.structs.replace(copied, fingerprint=fingerprint(post.text)))

    seen = [(await facts(engine, event))[0].campaign for event in events]

    assert seen == sorted(seen)
    assert seen[-1] >= 3
    erased = AuthorErased(
        event_id="e1",
        occurred_at=MONDAY,
        author_hash=f"{0:064x}",
        sources=("generic",),
        requested_at=MONDAY,
        receipt_id="r1",
    )
    await facts(engine, erased)
    async with engine.connect() as connection:
        left = set((await connection.execute(select(COPIES.c.customer))).scalars())
    assert left == {f"{n:064x}" for n in range(1, 6)}


async def test_talk_that_nobodys_case_is_leaves_a_count_and_no_row_of_its_posts(
    engine: AsyncEngine,
) -> None:
    talk = {"addressed": Addressed.mention, "intent": Intent.talk, "fair_claim": False}
    insult = {"rude": True, "fair_claim": False}
    said = [
        a_classified(a_post(f"p{n}", author=f"c{n}"), **(insult if n % 9 == 0 else talk))
        for n in range(90)
    ]

    found = await facts(engine, *said)

    assert len(found) == 90
    assert await count(engine, POSTS) == await count(engine, TICKETS) == 0
    await facts(engine, a_classified(a_post("p7", author="c7", revision=10**13, op=Op.edited)))
    assert await count(engine, POSTS) == await count(engine, TICKETS) == 1


async def count(engine: AsyncEngine, table: Table) -> int:
    async with engine.connect() as connection:
        return int((await connection.execute(select(func.count()).select_from(table))).scalar_one())


async def test_the_mood_of_a_thread_is_kept_from_step_to_step(engine: AsyncEngine) -> None:
    found = [
        (await facts(engine, a_classified(a_post(f"p{n}", author=f"c{n}"))))[0] for n in range(4)
    ]

    assert [(one.thread_posts, one.thread_negative) for one in found] == [
        (1, 1),
        (2, 2),
        (3, 3),
        (4, 4),
    ]


async def test_the_store_finds_each_near_copy_that_shares_a_band(engine: AsyncEngine) -> None:
    """Among many that share a band by chance; two that are asked for share the first, too.

    Some copies share no other with them.
    """
    asked = [_bits(f"asked {n}") for n in range(8)]
    asked.append(asked[0] ^ _bits("far") >> 9 << 9)
    near = {one ^ sum({1 << byte % 64 for byte in one.to_bytes(8)}) for one in asked}
    near |= {one ^ sum(1 << BAND_BITS * n for n in range(1, BANDS)) for one in asked}
    others = {_bits(f"other {n}") for n in range(1_000)} | near
    said = {(str(n), f"{bits:016x}"): MONDAY for n, bits in enumerate(sorted(others))}
    said_by = {("severbank", text, who): at for (who, text), at in said.items()}
    wanted = WantedContext(
        copies=frozenset(("severbank", f"{bits:016x}") for bits in asked),
        since=MONDAY,
        until=MONDAY,
    )

    async with engine.begin() as connection:
        await keep_context(connection, Context(new_copies=said_by))
        found = (await context_of(connection, wanted)).copies["severbank"]

    theirs = {(one, other) for one in asked for other in others if are_copies(one, other)}
    assert len(theirs) > len(asked) // 2
    assert {other for _, other in theirs} <= found.keys()


def _bits(text: str) -> int:
    return int(blake2b(text.encode(), digest_size=8).hexdigest(), 16)


def are_copies(one: int, other: int) -> bool:
    bands = (bands_of(f"{bits:016x}") for bits in (one, other))
    shared = any(mine == theirs for mine, theirs in zip(*bands, strict=True))
    return shared and (one ^ other).bit_count() <= SAME_BITS

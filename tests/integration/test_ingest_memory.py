"""What ingest remembers is the same in memory, on SQLite and on PostgreSQL, and outlives a process.

The inputs that break the easy version: an older time written after a newer one, 2,500 posts
between two flushes, a database that is away when a tombstone comes.
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from services.ingest.domain.erasure import suppression_of
from services.ingest.domain.heard import Heard, What
from services.ingest.domain.place import Place
from services.ingest.domain.short_memory import ShortMemory
from services.ingest.store.memory import StoredMemory
from services.ingest.store.places import KEPT
from services.ingest.store.tables import METADATA
from stream.database import open_engine
from tests.stored import opened

KEY = b"a key of thirty-two bytes, or so"
NOW = datetime(2026, 11, 30, 2, 0, tzinfo=UTC)
WALL = Place(conversation="стена-1", thread="t1")
BANK = Heard(source="vk", account="bank", what=What.event)


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    async with opened(database_url, METADATA) as store:
        yield store


async def test_a_place_is_found_by_another_process(engine: AsyncEngine) -> None:
    first = StoredMemory(engine)
    first.note("bank:vk:1", WALL)
    assert await first.find({"bank:vk:1", "bank:vk:2"}) == {"bank:vk:1": WALL}

    await first.flush(NOW)

    assert await StoredMemory(engine).find({"bank:vk:1", "bank:vk:2"}) == {"bank:vk:1": WALL}


async def test_a_place_changes_with_the_latest_word(engine: AsyncEngine) -> None:
    memory = StoredMemory(engine)
    memory.note("bank:vk:1", WALL)
    await memory.flush(NOW)

    moved = Place(conversation="wall-2", thread="t2")
    memory.note("bank:vk:1", moved)
    await memory.flush(NOW)

    assert await StoredMemory(engine).find({"bank:vk:1"}) == {"bank:vk:1": moved}


async def test_many_places_are_written_in_parts(engine: AsyncEngine) -> None:
    memory = StoredMemory(engine)
    keys = [f"bank:x:{number}" for number in range(2500)]
    for key in keys:
        memory.note(key, WALL)

    while await memory.flush(NOW):
        pass

    assert len(await StoredMemory(engine).find(keys)) == 2500


async def test_old_places_are_forgotten(engine: AsyncEngine) -> None:
    memory = StoredMemory(engine)
    memory.note("bank:x:old", WALL)
    await memory.flush(NOW - KEPT - timedelta(seconds=1))
    memory.note("bank:x:new", WALL)
    await memory.flush(NOW)

    assert await memory.places.forget(NOW) == 1

    assert await StoredMemory(engine).find({"bank:x:old", "bank:x:new"}) == {"bank:x:new": WALL}


async def test_later_times_win_in_whatever_order_replicas_write(engine: AsyncEngine) -> None:
    one, other = StoredMemory(engine), StoredMemory(engine)
    one.heard(BANK, NOW)
    other.heard(BANK, NOW - timedelta(minutes=1))

    await one.flush(NOW)
    await other.flush(NOW)

    assert await other.sources.latest() == {BANK: NOW}


async def test_without_its_database_a_process_knows_what_it_has_seen() -> None:
    away = StoredMemory(open_engine("postgresql://nobody@127.0.0.1:1/none"))
    away.note("bank:x:1", WALL)

    assert await away.find({"bank:x:1", "bank:x:2"}) == {"bank:x:1": WALL}


@pytest.mark.parametrize("kind", ["short", "stored"])
async def test_short_and_stored_memory_answer_alike(engine: AsyncEngine, kind: str) -> None:
    memory = ShortMemory() if kind == "short" else StoredMemory(engine)
    memory.note("bank:x:1", WALL)
    memory.heard(BANK, NOW)
    memory.heard(BANK, NOW - timedelta(minutes=1))
    if isinstance(memory, StoredMemory):
        await memory.flush(NOW)

    times = memory.sources if isinstance(memory, StoredMemory) else memory
    assert await memory.find({"bank:x:1", "bank:x:2"}) == {"bank:x:1": WALL}
    assert await times.latest() == {BANK: NOW}


async def test_a_wish_to_be_forgotten_outlives_the_process_and_the_first_one_stands(
    engine: AsyncEngine,
) -> None:
    first, second = StoredMemory(engine, KEY), StoredMemory(engine, KEY)
    author = first.people().hash_of("vk", "анна") or ""
    mine = Place(conversation="стена-1", thread="t1", author_hash=author)
    first.note("bank:vk:1", mine)
    first.note("bank:vk:2", WALL)
    await first.flush(NOW)
    second.note("bank:vk:3", mine)

    receipt = await first.forget(suppression_of(author, NOW))
    again = await second.forget(suppression_of(author, NOW + timedelta(minutes=5)))
    second.note("bank:vk:4", mine)
    await second.flush(NOW)

    assert (again, await second.receipt(receipt.receipt_id)) == (receipt, receipt)
    reader = StoredMemory(engine, KEY)
    await reader.refresh()
    assert reader.people().has_forgotten("vk", "анна")
    assert await reader.find({f"bank:vk:{n}" for n in range(5)}) == {"bank:vk:2": WALL}
    assert (await reader.known(author)).places == {}

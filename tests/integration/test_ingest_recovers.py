"""A store of ingest that was put back from a backup forgets anew whoever asked since.

The inputs that break the easy version: an author whose posts the backup remembers; a wish that the
backup has already, whose receipt must stay; the same wish told twice; a record that is none.
"""

from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.erasures import AuthorErased
from schemas.topics import ERASURES
from services.ingest.__main__ import main
from services.ingest.domain.erasure import Suppression
from services.ingest.domain.place import Place, place_key
from services.ingest.recovering import recover
from services.ingest.settings import Settings
from services.ingest.store.memory import StoredMemory
from services.ingest.store.tables import HISTORY
from stream.database import open_engine
from stream.flow import Outgoing
from stream.migrations import migrated
from stream.topic_admin import Cluster, create
from tests.builders import MONDAY
from tests.processes import write, write_records

KEY = "k" * 32
ANNA, BORIS, VERA = ("a" * 64, "b" * 64, "c" * 64)


def a_wish(author: str, receipt: str) -> AuthorErased:
    return AuthorErased(
        event_id=f"e-{receipt}",
        occurred_at=MONDAY,
        author_hash=author,
        sources=("vk",),
        requested_at=MONDAY,
        receipt_id=receipt,
    )


@pytest.fixture
def settings(cluster: Cluster, database_url: str) -> Settings:
    return Settings(
        kafka_bootstrap_servers=cluster.bootstrap,
        topic_prefix=cluster.prefix,
        partitions=cluster.partitions,
        database_url=database_url,
        erasure_key=KEY,
    )


@pytest.fixture
async def saved(settings: Settings) -> AsyncEngine:
    """The backup: it remembers posts of three people, and Boris has been forgotten."""
    engine = open_engine(settings.database_url)
    await migrated(engine, HISTORY)
    memory = StoredMemory(engine, KEY.encode())
    for number, author in enumerate((ANNA, VERA)):
        place = Place(conversation="c", thread="t", author_hash=author)
        memory.places.note(place_key("severbank", f"p{number}"), place)
    await memory.flush(MONDAY)
    early = MONDAY - timedelta(days=1)
    await memory.forget(Suppression(receipt_id="r-b", author_hash=BORIS, requested_at=early))
    return engine


async def test_whoever_asked_since_is_forgotten_and_nobody_else(
    cluster: Cluster, settings: Settings, saved: AsyncEngine
) -> None:
    await create(cluster, (ERASURES,))
    wishes = [a_wish(ANNA, "r-a"), a_wish(ANNA, "r-a"), a_wish(BORIS, "r-later")]
    await write(cluster, wishes, ERASURES)
    junk = Outgoing(
        topic=ERASURES.name, partition=0, key=b"k", value=b"\xff{", headers=(), event_id="none"
    )
    await write_records(cluster, [junk])

    assert await recover(settings) == 1
    assert await recover(settings) == 0

    memory = StoredMemory(saved, KEY.encode())
    anna, boris, vera = [await memory.known(one) for one in (ANNA, BORIS, VERA)]
    assert anna.forgotten
    assert anna.forgotten.receipt_id == "r-a"
    assert anna.places == {}
    assert boris.forgotten
    assert boris.forgotten.receipt_id == "r-b", "the first wish stands"
    assert vera.forgotten is None
    assert len(vera.places) == 1
    await saved.dispose()


def test_the_command_says_what_it_needs(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["recover", "--everything"])

    assert "unrecognized arguments: --everything" in capsys.readouterr().err

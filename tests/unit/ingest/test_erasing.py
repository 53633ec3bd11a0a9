"""An author is forgotten: over HTTP, by Meta's callback, in every replica, and for ever.

The inputs that break the easy version: a broker that does not ack, the same wish twice, a post
that another replica keeps before it has learnt of the wish.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.erasures import AuthorErased
from schemas.event import partition_of
from schemas.topics import ERASURES, POSTS_RAW
from services.ingest.admin import admin
from services.ingest.data_deletion import data_deletion
from services.ingest.domain.brands import Account
from services.ingest.domain.receipt import Keys
from services.ingest.domain.request_file import Standing
from services.ingest.erasing import Erasing
from services.ingest.handlers import Keeping, Receiving
from services.ingest.installation import Measures
from services.ingest.office import StaffedOffice
from services.ingest.platforms import generic
from services.ingest.store.memory import StoredMemory
from services.ingest.store.tables import METADATA, PLACES
from stream.database import open_engine
from stream.flow import Publish
from stream.memory_pump import MemoryBroker
from stream.tokens import Tokens
from tests.builders import minutes
from tests.stored import opened
from tests.unit.ingest.calling import ROLES, called
from tests.unit.ingest.deliveries import BANK, NOW, Failing, posts_on, said
from tests.unit.ingest.test_erasure import METAS_CLAIM, signed
from tests.unit.ingest.test_receiving import arrival

KEY = b"a key of thirty-two bytes, or so"
KEEPING = Keeping(partitions=12, ack_seconds=5, version="1")
PAGE = Account(brand="severbank", source="meta", id="page", channel_role="service")
META = "/v1/hooks/meta/page/data-deletion"
ANNA = "/v1/authors/generic/anna"


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    async with opened(f"sqlite:///{tmp_path}/ingest.db", METADATA) as store:
        yield store


class Replica:
    """One replica of ingest over a shared store."""

    def __init__(self, engine: AsyncEngine, publish: Publish, tokens: Tokens, **given: Any) -> None:
        clock = Standing(at=given.get("at", NOW))
        measures, self.memory = Measures(clock), StoredMemory(engine, given.get("key", KEY))
        self.receiving = Receiving(publish, KEEPING, measures.metrics, measures.shared, self.memory)
        accounts = {(one.source, one.id): one for one in (BANK, PAGE)}
        office = StaffedOffice(
            self.receiving, accounts, frozenset(accounts), self.memory.sources, clock
        )
        erasing = Erasing(publish, KEEPING, self.memory, accounts, clock.now)
        self.admin = admin(office, erasing, tokens)
        self.public = FastAPI()
        self.public.include_router(data_deletion(erasing, {"page": Keys(secrets=("app-secret",))}))

    async def erase(self, path: str = ANNA) -> Response:
        return await called(self.admin, "DELETE", path, role="privacy")

    async def export(self, path: str = ANNA) -> dict[str, Any]:
        answer = await called(self.admin, "GET", path, role="privacy")
        return dict(answer.json())

    async def take(self, **changes: Any) -> str:
        found = await self.receiving.receive(generic, arrival(said(**changes)))
        return found.fates[0].outcome if hasattr(found, "fates") else "unavailable"

    async def asked_by_meta(self, request: str) -> Response:
        async with AsyncClient(
            transport=ASGITransport(self.public), base_url="https://hooks.example"
        ) as session:
            return await session.post(META, data={"signed_request": request})


def told(broker: MemoryBroker) -> list[AuthorErased]:
    records = broker.log(ERASURES.name)
    return [msgspec.json.decode(one.value or b"", type=AuthorErased) for one in records]


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_only_the_privacy_desk_may_ask(
    engine: AsyncEngine, tokens: Tokens, method: str
) -> None:
    app = Replica(engine, MemoryBroker(), tokens).admin

    answers = {
        role: (await called(app, method, ANNA, role=role)).status_code
        for role in ("", "unknown", *ROLES)
    }

    assert answers == {"": 401, "unknown": 401, "operator": 403, "reply": 403, "privacy": 200}


async def test_a_wish_is_told_once_acked_and_answered_with_a_receipt(
    engine: AsyncEngine, tokens: Tokens
) -> None:
    broker = MemoryBroker()
    replica = Replica(engine, broker, tokens)

    answer = await replica.erase()

    (event,), (record,) = told(broker), broker.log(ERASURES.name)
    assert answer.json() == {
        "receipt_id": event.receipt_id,
        "author_hash": event.author_hash,
        "requested_at": "2026-03-02T10:00:00Z",
        "places": 0,
    }
    assert (event.sources, event.requested_at) == (("generic",), NOW)
    assert record.key == event.author_hash.encode()
    assert record.partition == partition_of(event.author_hash, 12)
    assert b"anna" not in (record.value or b"") + repr(record.headers).encode()


async def test_the_same_wish_later_has_the_same_receipt_and_is_told_again(
    engine: AsyncEngine, tokens: Tokens
) -> None:
    broker = MemoryBroker()
    first = await Replica(engine, broker, tokens).erase()

    again = await Replica(engine, broker, tokens, at=NOW + minutes(5)).erase()

    assert again.json() == first.json()
    assert told(broker) == [told(broker)[0]] * 2


async def test_without_an_ack_there_is_no_receipt_and_the_author_is_kept_out(
    engine: AsyncEngine, tokens: Tokens
) -> None:
    broker = MemoryBroker()
    refused = await Replica(engine, Failing(broker), tokens).erase()

    replica = Replica(engine, broker, tokens)
    await replica.memory.refresh()

    assert refused.status_code == 503
    assert 5 <= int(refused.headers["retry-after"]) <= 30
    assert "receipt_id" not in refused.text
    assert await replica.take() == "ignored"


async def test_nothing_of_the_forgotten_is_kept_raw_neither(
    engine: AsyncEngine, tokens: Tokens
) -> None:
    broker = MemoryBroker()
    replica = Replica(engine, broker, tokens)
    await replica.erase()

    outcomes = [await replica.take(id=f"p{n}") for n in range(3)]

    assert outcomes == ["ignored"] * 3
    assert posts_on(broker) == []
    assert broker.log(POSTS_RAW.name) == []
    assert await replica.memory.flush(NOW) == 1  # when the source was heard


async def test_other_replicas_learn_of_it_and_forget_what_they_noted_meanwhile(
    engine: AsyncEngine, tokens: Tokens
) -> None:
    broker = MemoryBroker()
    first, second = (Replica(engine, broker, tokens) for _ in range(2))
    await first.take()
    await first.memory.flush(NOW)
    await first.erase()
    before = await second.take(id="p2")
    await second.memory.flush(NOW)

    await second.memory.refresh()

    assert (before, await second.take(id="p3")) == ("accepted", "ignored")
    assert await second.memory.flush(NOW) == 1
    async with engine.connect() as connection:
        assert (await connection.execute(select(PLACES))).all() == []


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_without_the_store_nobody_is_looked_up_and_when_to_come_again_is_said(
    tokens: Tokens, method: str
) -> None:
    broker, away = MemoryBroker(), open_engine("postgresql://nobody@127.0.0.1:1/none")
    replica = Replica(away, broker, tokens)

    answer = await called(replica.admin, method, ANNA, role="privacy")

    assert answer.status_code == 503
    assert 5 <= int(answer.headers["retry-after"]) <= 30
    assert told(broker) == []


async def test_an_export_is_all_that_is_held(engine: AsyncEngine, tokens: Tokens) -> None:
    replica = Replica(engine, MemoryBroker(), tokens)
    await replica.take()
    await replica.memory.flush(NOW)
    await replica.take(id="p2")
    await replica.take(id="p3", author={"id": "boris"})

    before = await replica.export()
    receipt = (await replica.erase()).json()
    after = await replica.export()
    places = receipt.pop("places")

    assert set(before["places"]) == {"severbank:p1", "severbank:p2"}
    assert places == 2
    assert before["forgotten"] is None
    assert after == {
        "author_hash": receipt["author_hash"],
        "forgotten": receipt,
        "places": {},
    }


@pytest.mark.parametrize(
    ("path", "status", "detail"),
    [
        ("/v1/authors/myspace/anna", 404, "expected a source of brands.yaml"),
        ("/v1/authors/generic/severbank-bot", 409, "one of the brand's own"),
    ],
)
async def test_who_is_no_customer_is_not_erased(
    engine: AsyncEngine, tokens: Tokens, path: str, status: int, detail: str
) -> None:
    broker = MemoryBroker()

    answer = await Replica(engine, broker, tokens).erase(path)

    assert (answer.status_code, detail in answer.json()["detail"]) == (status, True)
    assert told(broker) == []


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_without_a_key_it_is_said_what_is_missing(
    engine: AsyncEngine, tokens: Tokens, method: str
) -> None:
    app = Replica(engine, MemoryBroker(), tokens, key=b"").admin

    answer = await called(app, method, ANNA, role="privacy")

    assert answer.status_code == 503
    assert "ERASURE_KEY" in answer.json()["detail"]


async def test_an_id_may_be_an_address(engine: AsyncEngine, tokens: Tokens) -> None:
    replica = Replica(engine, MemoryBroker(), tokens)

    await replica.erase("/v1/authors/generic/https%3A%2F%2Fmastodon.example%2F%40anna")

    assert await replica.take(author={"id": "https://mastodon.example/@anna"}) == "ignored"


async def test_meta_is_answered_with_a_code_and_a_page_that_knows_it(
    engine: AsyncEngine, tokens: Tokens
) -> None:
    broker = MemoryBroker()
    replica = Replica(engine, broker, tokens)

    answer = await replica.asked_by_meta(signed(METAS_CLAIM))

    (event,), given = told(broker), answer.json()
    assert (given["confirmation_code"], event.sources) == (event.receipt_id, ("meta",))
    assert given["url"] == f"https://hooks.example{META}/{event.receipt_id}"
    async with AsyncClient(transport=ASGITransport(replica.public)) as session:
        page = await session.get(given["url"])
        other = await session.get(f"https://hooks.example{META}/{NOW}")
    assert page.json()["requested_at"] == "2026-03-02T10:00:00Z"
    assert other.status_code == 404


async def test_what_meta_did_not_sign_erases_nobody(engine: AsyncEngine, tokens: Tokens) -> None:
    broker = MemoryBroker()
    replica = Replica(engine, broker, tokens)
    forged = signed(METAS_CLAIM, "another-secret")

    answers = [await replica.asked_by_meta(one) for one in (forged, "", "x" * 20_000)]

    assert [one.status_code for one in answers] == [401, 401, 413]
    assert told(broker) == []

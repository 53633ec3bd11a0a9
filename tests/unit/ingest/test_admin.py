"""The admin API: who may call what, an answer that is reported, how the sources are.

The inputs that break the easy version: a token of another role, a report sent twice and a late
echo of it, a report whose author is a customer.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
import pytest
from fastapi import FastAPI
from httpx import Response

from schemas.vocabulary import SeenAs
from services.ingest.admin import admin
from services.ingest.domain.brands import Account
from services.ingest.domain.heard import Heard, What
from services.ingest.domain.place import Place
from services.ingest.domain.request_file import Standing
from services.ingest.domain.short_memory import ShortMemory
from services.ingest.erasing import Erasing
from services.ingest.handlers import Keeping, Receiving
from services.ingest.installation import Measures
from services.ingest.office import StaffedOffice
from services.ingest.store.memory import StoredMemory
from stream.database import open_engine
from stream.flow import Publish
from stream.memory_pump import MemoryBroker
from stream.tokens import Tokens
from tests.unit.ingest.calling import ROLES, called
from tests.unit.ingest.deliveries import BANK, NOW, Failing, posts_on

CLOCK = Standing(at=NOW)
SHOP = Account(brand="lavka", source="generic", id="shop", channel_role="marketing")
REPLY = {
    "source": "generic",
    "account": "bank",
    "id": "call-17",
    "in_reply_to": "p1",
    "text": "Проверихме, парите са върнати. Call me: +359 88 123 4567",
    "posted_at": "2026-03-02T12:30:00+03:00",
}


def application(publish: Publish, tokens: Tokens, memory: ShortMemory | None = None) -> FastAPI:
    memory, measures = memory or ShortMemory(), Measures(CLOCK)
    keeping = Keeping(partitions=12, ack_seconds=5, version="1")
    receiving = Receiving(publish, keeping, measures.metrics, measures.shared, memory)
    accounts = {(one.source, one.id): one for one in (BANK, SHOP)}
    enabled = frozenset({("generic", "bank")})
    office = StaffedOffice(receiving, accounts, enabled, memory, CLOCK)
    stored = StoredMemory(open_engine("sqlite://"))  # no test here asks it
    return admin(office, Erasing(publish, keeping, stored, accounts, CLOCK.now), tokens)


async def replied(app: FastAPI, **changes: Any) -> Response:
    return await called(app, "POST", "/v1/replies", role="reply", json={**REPLY, **changes})


@pytest.mark.parametrize(
    ("method", "path", "role"),
    [("GET", "/v1/sources", "operator"), ("POST", "/v1/replies", "reply")],
)
async def test_each_call_needs_a_token_of_its_role(
    tokens: Tokens, method: str, path: str, role: str
) -> None:
    app = application(MemoryBroker(), tokens)

    answers = {
        given: (await called(app, method, path, role=given, json=REPLY)).status_code
        for given in ("", "unknown", *ROLES)
    }

    others = {given: 403 for given in ROLES if given != role}
    assert answers == {"": 401, "unknown": 401, role: 200, **others}


async def test_a_report_is_a_post_of_the_brand_marked_as_reported(tokens: Tokens) -> None:
    broker = MemoryBroker()

    answer = await replied(application(broker, tokens))

    (post,) = posts_on(broker)
    assert answer.json()["outcome"] == "accepted"
    assert (post.seen_as, post.parent_id, post.source) == (SeenAs.reported, "p1", "generic")
    assert post.author is not None
    assert (post.author.is_brand, post.author.is_bot) == (True, None)
    assert post.id == "reported:generic:bank:call-17"
    assert post.posted_at == datetime.fromisoformat("2026-03-02T09:30:00+00:00")
    assert "[phone]" in post.text
    assert "123 4567" not in post.text


async def test_a_bot_s_report_is_known_as_a_bot_s(tokens: Tokens) -> None:
    broker = MemoryBroker()

    await replied(application(broker, tokens), author_id="severbank-bot", kind="message")

    (post,) = posts_on(broker)
    assert post.author is not None
    assert (post.author.is_brand, post.author.is_bot) == (True, True)
    assert (post.space, post.visibility) == ("dm", "private")


async def test_a_report_says_whether_the_post_that_it_answers_was_seen(tokens: Tokens) -> None:
    memory = ShortMemory()
    memory.note("severbank:p1", Place(conversation="wall-1", thread="p1"))
    app = application(MemoryBroker(), tokens, memory)

    seen, never = await replied(app), await replied(app, id="call-18", in_reply_to="a-ticket-id")

    assert seen.json()["in_reply_to_known"] is True
    assert never.json()["in_reply_to_known"] is False


async def test_a_report_lies_with_the_post_that_it_answers(tokens: Tokens) -> None:
    broker, memory = MemoryBroker(), ShortMemory()
    memory.note("severbank:p1", Place(conversation="wall-1", thread="p0"))

    await replied(application(broker, tokens, memory))

    (post,) = posts_on(broker)
    assert (post.conversation_id, post.thread_id) == ("wall-1", "p0")


async def test_a_report_twice_is_a_duplicate(tokens: Tokens) -> None:
    broker = MemoryBroker()
    app = application(broker, tokens)

    answers = [await replied(app), await replied(app)]

    assert [one.json()["outcome"] for one in answers] == ["accepted", "duplicate"]
    assert len(posts_on(broker)) == 1


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"author_id": "anna"}, 422),
        ({"posted_at": "2026-03-02T12:30:00"}, 422),
        ({"posted_at": "2036-03-02T12:30:00Z"}, 422),
        ({"kind": "tweet"}, 422),
        ({"password": "x"}, 422),
        ({"text": "я" * 65_537}, 422),
        ({"text": "я" * 1_100_000}, 413),
        ({"account": "nobody"}, 404),
    ],
)
async def test_a_report_that_cannot_be_kept_says_what_was_expected(
    tokens: Tokens, changes: Mapping[str, str], status: int
) -> None:
    broker = MemoryBroker()

    answer = await replied(application(broker, tokens), **changes)

    assert answer.status_code == status
    assert answer.json()["detail"]
    assert not {"anna", "tweet", "яя"} & set(answer.text.split())
    assert posts_on(broker) == []


async def test_a_report_without_an_ack_is_to_be_sent_again(tokens: Tokens) -> None:
    answer = await replied(application(Failing(MemoryBroker()), tokens))

    assert answer.status_code == 503
    assert 5 <= int(answer.headers["retry-after"]) <= 30


async def test_sources_are_live_silent_pending_or_disabled(tokens: Tokens) -> None:
    memory = ShortMemory()
    app = application(MemoryBroker(), tokens, memory)

    async def states() -> dict[str, str]:
        rows = (await called(app, "GET", "/v1/sources", role="operator")).json()
        return {row["account"]: row["state"] for row in rows}

    before = await states()
    memory.heard(Heard(source="generic", account="bank", what=What.event), NOW)

    assert before == {"bank": "pending", "shop": "disabled"}
    assert (await states())["bank"] == "live"


def test_every_reference_of_the_description_leads_somewhere(tokens: Tokens) -> None:
    described = application(MemoryBroker(), tokens).openapi()

    named = set(re.findall(r"#/components/schemas/(\w+)", msgspec.json.encode(described).decode()))
    assert named <= described["components"]["schemas"].keys()
    known = described["paths"]["/v1/authors/{source}/{author_id}"]["get"]["responses"]["200"]
    assert "receipt_id" in str(known)

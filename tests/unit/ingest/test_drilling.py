"""A drill begins by a command of ours alone, and goes the way of every post.

The inputs that break the easy version: a sender of our own format who sets the mark; a token of
another role; a brand that is not the account's; a scenario nobody wrote; a broker that does not
ack; a source that only a drill was heard of.
"""

import json
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import Response
from prometheus_client import generate_latest

from services.classify.__main__ import main as classify
from services.ingest.admin import Bearer
from services.ingest.domain.receipt import Native
from services.ingest.domain.short_memory import ShortMemory
from services.ingest.drilling import Drilling, drill_routes
from services.ingest.handlers import Keeping, Receiving
from services.ingest.installation import Measures, scenarios
from services.ingest.office import StaffedOffice
from services.ingest.platforms import generic
from stream.flow import Publish
from stream.memory_pump import MemoryBroker
from stream.tokens import Tokens
from tests.unit.ingest.calling import ROLES, called
from tests.unit.ingest.deliveries import BANK, NOW, SEEN, Failing, body_of, posts_on, said
from tests.unit.ingest.test_admin import CLOCK

WISH = {
    "brand": "severbank",
    "source": "generic",
    "account": "bank",
    "scenario": "stolen-card",
    "count": 7,
    "reason": "учение ночной смены",
}
MARK = "stolen-card-20260302T100000"


class Began:
    """An application on a broker, and what it measures."""

    def __init__(self, publish: Publish, tokens: Tokens) -> None:
        self.memory, self.measures, self.app = ShortMemory(), Measures(CLOCK), FastAPI()
        keeping = Keeping(partitions=12, ack_seconds=5, version="1")
        shared, metrics = self.measures.shared, self.measures.metrics
        receiving = Receiving(publish, keeping, metrics, shared, self.memory)
        accounts = {("generic", "bank"): BANK}
        office = StaffedOffice(receiving, accounts, frozenset(accounts), self.memory, CLOCK)
        drilling = Drilling(receiving, accounts, CLOCK, scenarios())
        self.app.include_router(drill_routes(drilling, Bearer(office, tokens, "operator")))

    async def wish(self, role: str = "operator", **changes: Any) -> Response:
        return await called(self.app, "POST", "/v1/drills", role=role, json={**WISH, **changes})


async def test_a_drill_is_posts_of_three_languages_that_are_marked(tokens: Tokens) -> None:
    broker = MemoryBroker()

    answer = await Began(broker, tokens).wish()

    assert (answer.status_code, answer.json()) == (200, {"drill": MARK, "posts": 7})
    posts = posts_on(broker)
    assert {post.drill for post in posts} == {MARK}
    assert {post.lang for post in posts} == {"ru", "bg", "en"}
    assert len({post.event_id for post in posts}) == len({post.author for post in posts}) == 7
    assert {post.received_at for post in posts} == {NOW}
    assert all(post.raw for post in posts)


@pytest.mark.parametrize(
    ("role", "changes", "status"),
    [
        *((role, {}, 200 if role == "operator" else 403) for role in ROLES),
        ("", {}, 401),
        ("operator", {"brand": "lavka"}, 404),
        ("operator", {"account": "shop"}, 404),
        ("operator", {"scenario": "earthquake"}, 404),
        ("operator", {"count": 3.0}, 200),
        ("operator", {"count": 3.5}, 422),
        ("operator", {"count": 0}, 422),
        ("operator", {"count": 101}, 422),
        ("operator", {"reason": ""}, 422),
        ("operator", {"text": "Пожар!"}, 422),
    ],
)
async def test_only_an_operator_begins_one_of_a_known_scenario(
    tokens: Tokens, role: str, changes: dict[str, Any], status: int
) -> None:
    broker = MemoryBroker()

    answer = await Began(broker, tokens).wish(role, **changes)

    assert answer.status_code == status
    assert bool(posts_on(broker)) == (status == 200)


async def test_what_the_broker_does_not_ack_has_not_begun(tokens: Tokens) -> None:
    answer = await Began(Failing(MemoryBroker()), tokens).wish()

    assert answer.status_code == 503
    assert "retry-after" in answer.headers


@pytest.mark.parametrize("platform", [generic])
def test_no_sender_can_set_the_mark(platform: Any) -> None:
    body = body_of(said(drill=MARK))

    post = platform.normalize(Native(raw=body, post=body), SEEN)

    assert getattr(post, "drill", None) is None


async def test_a_drill_makes_no_silent_source_look_alive_and_counts_as_no_post(
    tokens: Tokens,
) -> None:
    began = Began(MemoryBroker(), tokens)

    await began.wish()

    assert await began.memory.latest() == {}
    text = generate_latest(began.measures.registry).decode()
    assert "otklik_drill_posts_total 7.0" in text
    assert "otklik_posts_total{" not in text
    assert "source_last_event_timestamp_seconds{" not in text


def test_every_scenario_speaks_three_languages_and_is_judged_as_what_it_plays(
    capsys: pytest.CaptureFixture[str], tmp_path: Any
) -> None:
    """By the model that ships, or the drill would call the wrong people."""
    topics = {"stolen-card": "fraud_security", "outage": "outage_availability"}
    said = [
        {"id": f"{name}/{lang}/{n}", "text": text}
        for name, texts in scenarios().items()
        for lang, lines in texts.items()
        for n, text in enumerate(lines)
    ]
    file = tmp_path / "said.jsonl"
    file.write_text("\n".join(map(json.dumps, said)), encoding="utf-8")

    assert classify(["score", str(file)]) == 0

    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    judged = {one["id"]: one["classification"] for one in found}
    wrong = {
        name: (one["topic"], one["lang"], one["addressed"])
        for name, one in judged.items()
        if one["topic"] != topics[name.split("/")[0]] or one["lang"] != name.split("/")[1]
    }
    assert wrong == {}
    assert {tuple(name.split("/")[:2]) for name in judged} == {
        (scenario, lang) for scenario in topics for lang in ("ru", "bg", "en")
    }

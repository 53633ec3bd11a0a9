"""A canary comes in by the door that all others use, and no figure of the business has it.

The inputs that break the easy version: two replicas in the same instant; a request in its name
that another has signed; the same delivery twice; a broker that does not ack; one that takes the
raw record and not the post; a brand of that name in brands.yaml; a listener of all addresses.
"""

import asyncio

import httpx
import pytest
from httpx import ASGITransport
from prometheus_client import generate_latest

from schemas.event import CANARY, header
from services.ingest.canary import HOP, Canary
from services.ingest.domain.brands import BadBrands, read_brands
from services.ingest.domain.canary import TEXT, canary_post
from services.ingest.installation import Measures
from services.ingest.platforms import generic
from services.ingest.platforms.table import PLATFORMS
from services.ingest.settings import read
from stream.flow import Publish
from stream.memory_pump import MemoryBroker
from stream.settings import BadSettings
from tests.unit.ingest.deliveries import (
    NOW,
    SECRET,
    Failing,
    body_of,
    posts_on,
    said,
    signed,
)
from tests.unit.ingest.knocking import CLOCK, app, sent

PATH = f"/v1/hooks/generic/{CANARY}"
BUSINESS = ("otklik_posts_", "otklik_requests_", "otklik_request_seconds", "otklik_source_")
"""Where ingest counts what customers and platforms do."""
BRANDS = """
brands:
  severbank:
    accounts: []
  NAME:
    accounts: []
"""


class Watched:
    """Ingest's public listener with a canary that posts to it."""

    def __init__(self, publish: Publish) -> None:
        self.measures = Measures(CLOCK)
        self.canary = Canary(CLOCK, self.measures.shared)
        self.canary.listening("127.0.0.1", 80)
        self.app = app(publish, self.measures, doors=self.canary.doors)

    async def sends(self) -> None:
        """One canary, over HTTP."""
        async with httpx.AsyncClient(transport=ASGITransport(self.app)) as client:
            await self.canary.send(client)

    @property
    def passed(self) -> float | None:
        """When it passed last, as it is exported."""
        return self.measures.registry.get_sample_value(
            "otklik_canary_timestamp_seconds", {"hop": HOP}
        )

    def counted(self) -> list[str]:
        """Every sample of the business that says more than nothing."""
        lines = generate_latest(self.measures.registry).decode().splitlines()
        return [line for line in lines if line.startswith(BUSINESS) and not line.endswith(" 0.0")]


async def test_a_canary_is_published_raw_and_as_a_post_and_its_hop_is_noted() -> None:
    broker = MemoryBroker()
    watched = Watched(broker)
    before = watched.passed

    await watched.sends()

    (post,) = posts_on(broker)
    (raw,) = broker.log("posts.raw.v1")
    assert (post.brand, post.account, post.source, post.text) == (CANARY, CANARY, "generic", TEXT)
    assert (post.author, post.received_at) == (None, NOW)
    assert header(raw.headers, "otklik_brand") == CANARY
    assert (before, watched.passed) == (None, NOW.timestamp())


async def test_no_figure_of_the_business_has_it() -> None:
    broker = MemoryBroker()
    watched = Watched(broker)

    await watched.sends()
    await sent(watched.app, b"{}", {}, PATH)

    assert watched.counted()
    assert all('source="other"' in line for line in watched.counted())
    assert CANARY not in "\n".join(watched.counted())


async def test_two_replicas_in_one_instant_send_two_posts() -> None:
    broker = MemoryBroker()

    await Watched(broker).sends()
    await Watched(broker).sends()

    assert len({post.event_id for post in posts_on(broker)}) == 2


async def test_nobody_else_comes_in_by_its_door() -> None:
    broker, body = MemoryBroker(), canary_post("forged")
    watched, other = Watched(broker), Watched(broker)
    theirs = next(iter(other.canary.doors.values())).keys.secrets[0]
    forged = generic.signed(theirs, "m1", NOW, body)

    answers = [
        (await sent(watched.app, body, headers, PATH)).status_code
        for headers in (forged, signed(body, secret=SECRET), {"content-type": "application/json"})
    ]

    assert answers == [401, 401, 401]
    assert posts_on(broker) == []
    assert watched.passed is None


@pytest.mark.parametrize("calls", [0, 1])
async def test_what_the_broker_has_not_acked_has_not_passed(calls: int) -> None:
    watched = Watched(Failing(MemoryBroker(), calls_before=calls))

    await watched.sends()

    assert watched.passed is None
    assert watched.counted() == []


async def test_a_door_that_is_shut_is_not_passed() -> None:
    broker = MemoryBroker()
    watched = Watched(broker)
    watched.app = app(broker, watched.measures)

    await watched.sends()

    assert (watched.passed, posts_on(broker)) == (None, [])


async def test_a_listener_that_is_gone_is_not_passed() -> None:
    watched = Watched(MemoryBroker())
    refusing = httpx.MockTransport(_gone)

    async with httpx.AsyncClient(transport=refusing) as client:
        await watched.canary.send(client)

    assert watched.passed is None


def _gone(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused")


async def test_a_known_canary_has_not_passed_again() -> None:
    broker = MemoryBroker()
    watched = Watched(broker)
    body = canary_post("c1")
    (door,) = watched.canary.doors.values()
    headers = generic.signed(door.keys.secrets[0], "m1", NOW, body)

    first, again = [await sent(watched.app, body, headers, PATH) for _ in range(2)]

    assert (first.status_code, again.status_code) == (202, 200)
    assert len(posts_on(broker)) == 1


async def test_nothing_is_sent_before_the_door_is_there() -> None:
    canary = Canary(CLOCK, Measures(CLOCK).shared)
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(503)

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
        sending = asyncio.create_task(canary.send(client))
        for _ in range(5):
            await asyncio.sleep(0)  # a turn of the loop, in which it could have been sent
        early = list(asked)
        canary.listening("127.0.0.1", 8080)
        await sending

    assert (early, asked) == ([], [f"http://127.0.0.1:8080{PATH}"])


@pytest.mark.parametrize(
    ("host", "near"),
    [
        ("0.0.0.0", "127.0.0.1"),  # noqa: S104 - what is listened at, nothing is bound
        ("::", "[::1]"),
        ("10.0.0.7", "10.0.0.7"),
    ],
)
async def test_it_reaches_the_listener_where_that_listens(host: str, near: str) -> None:
    canary = Canary(CLOCK, Measures(CLOCK).shared)
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(503)

    canary.listening(host, 8080)
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
        await canary.send(client)

    assert asked == [f"http://{near}:8080{PATH}"]


@pytest.mark.parametrize("name", [CANARY, "_other", "_"])
def test_no_brand_may_begin_with_an_underscore(name: str) -> None:
    with pytest.raises(BadBrands, match=rf"line 5, column 3: \$\.brands\.{name}"):
        read_brands(BRANDS.replace("NAME", name), PLATFORMS)


def test_its_pace_is_a_setting_and_0_is_off() -> None:
    assert read({}).canary_seconds == 60
    assert read({"CANARY_SECONDS": "0"}).canary_seconds == 0
    with pytest.raises(BadSettings, match="CANARY_SECONDS"):
        read({"CANARY_SECONDS": "-1"})


def test_it_signs_as_the_reference_does() -> None:
    body = body_of(said())

    assert generic.signed(SECRET, "msg_1", NOW, body) == signed(body)

"""A poller reads the public web alone, from the very address that was checked.

The inputs that break the easy version: a name that leads inside when it is asked again, a redirect
to an address inside, a few packed bytes that become many megabytes.
"""

import gzip
from pathlib import Path

import httpx
import pytest

from services.ingest.pollers.fetch import BYTES, Fetched, Unreachable, fetch, web_client
from stream.pinned import resolve
from tests.unit.ingest.pollers.site import (
    PUBLIC,
    Leading,
    Names,
    Site,
    certified,
    reply,
    served,
    web,
)

FEED = "http://feeds.example/feed"


async def read(client: httpx.AsyncClient, url: str = FEED, *, seconds: float = 10) -> Fetched:
    async with client:
        return await fetch(client, client.build_request("GET", url), seconds=seconds)


async def test_a_name_is_asked_once_and_the_address_that_was_checked_is_used() -> None:
    names = Names(feeds_example=[[PUBLIC], ["127.0.0.1"]])
    async with served(Site({"/feed": reply(body="Привет".encode())})) as site:
        network = Leading(site)

        found = await read(web(network, names))

    assert found.body.decode() == "Привет"
    assert names.asked == ["feeds.example"]
    assert network.opened == [PUBLIC]
    assert site.asked[0].headers["host"] == "feeds.example"


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1/feed",
        "http://[::ffff:127.0.0.1]/feed",
        "http://inside.example/feed",
        "http://feeds.example:8080/feed",
        "http://user:password@feeds.example/feed",
        "file:///etc/hostname",
        "//10.0.0.7/feed",
    ],
)
async def test_a_redirect_is_checked_like_the_first_address(target: str) -> None:
    names = Names(inside_example=[["10.0.0.7"]])
    async with served(Site({"/feed": reply(302, location=target)})) as site:
        network = Leading(site)

        with pytest.raises(Unreachable):
            await read(web(network, names))

    assert network.opened == [PUBLIC]
    assert len(site.asked) == 1


async def test_three_redirects_are_followed_and_no_fourth() -> None:
    hops = {f"/{n}": reply(301, location=f"/{n + 1}") for n in range(4)}
    async with served(Site({**hops, "/4": reply(body=b"feed")})) as site:
        found = await read(web(Leading(site)), "http://feeds.example/1")

        with pytest.raises(Unreachable, match="TooManyRedirects"):
            await read(web(Leading(site)), "http://feeds.example/0")

    assert found.body == b"feed"


async def test_no_cookie_is_kept() -> None:
    first = reply(302, location="/next", set_cookie="who=anna; Path=/")
    async with served(Site({"/feed": first, "/next": reply()})) as site:
        await read(web(Leading(site)))

    assert [one.path for one in site.asked] == ["/feed", "/next"]
    assert all("cookie" not in one.headers for one in site.asked)


async def test_the_next_address_is_tried_where_one_does_not_let_us_connect() -> None:
    names = Names(feeds_example=[["2a02:6b8::2:242", PUBLIC]])
    async with served(Site({"/feed": reply(body=b"feed")})) as site:
        network = Leading(site)
        network.refusing = {"2a02:6b8::2:242"}

        found = await read(web(network, names))

    assert found.body == b"feed"
    assert network.opened == ["2a02:6b8::2:242", PUBLIC]


async def test_tls_is_spoken_with_the_name_and_its_certificate_checked(tmp_path: Path) -> None:
    server, client = certified(tmp_path, "feeds.example")
    async with served(Site({"/feed": reply(body=b"feed")}), server) as site:
        found = await read(web(Leading(site, client)), "https://feeds.example/feed")

        with pytest.raises(Unreachable, match="ConnectError"):
            await read(web(Leading(site, client)), "https://other.example/feed")

    assert found.body == b"feed"
    assert site.names == ["feeds.example", "other.example"]


async def test_a_national_name_is_asked_in_ascii() -> None:
    names = Names()
    async with served(Site({"/feed": reply()})) as site:
        await read(web(Leading(site), names), "http://магазин.рф/feed")

    assert names.asked == ["xn--80aairftm.xn--p1ai"]
    assert site.asked[0].headers["host"] == "xn--80aairftm.xn--p1ai"


@pytest.mark.parametrize(
    "answer",
    [
        reply(body=b"x" * (BYTES + 1)),
        reply(body=gzip.compress(b"\x00" * (BYTES + 1)), content_encoding="gzip"),
        reply(body=gzip.compress(b"feed")[:-4], content_encoding="gzip"),
        reply(body=b"feed", content_encoding="br"),
        b"no HTTP at all\r\n\r\n",
    ],
    ids=["large", "bomb", "cut", "unknown coding", "no HTTP"],
)
async def test_what_is_too_large_or_damaged_is_no_answer(answer: bytes) -> None:
    async with served(Site({"/feed": answer})) as site:
        with pytest.raises(Unreachable):
            await read(web(Leading(site)))


async def test_a_packed_answer_is_unpacked() -> None:
    large = "Отзыв. ".encode() * 100_000
    packed = reply(body=gzip.compress(large), content_encoding="gzip", etag='"v1"')
    async with served(Site({"/feed": packed})) as site:
        found = await read(web(Leading(site)))

    assert found.body == large
    assert found.headers["etag"] == '"v1"'


async def test_who_never_answers_is_not_waited_for() -> None:
    async with served(Site({})) as site:
        with pytest.raises(Unreachable, match="TimeoutError"):
            await read(web(Leading(site)), seconds=0.05)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0x7f000001", "2130706433", "[::1]"])
async def test_the_real_client_does_not_reach_this_machine(host: str) -> None:
    with pytest.raises(Unreachable, match="Forbidden"):
        await read(web_client(), f"http://{host}/feed")


async def test_the_systems_resolver_is_asked() -> None:
    assert "127.0.0.1" in await resolve("localhost", 80)

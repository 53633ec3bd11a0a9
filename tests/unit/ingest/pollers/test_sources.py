"""Stores and feeds are asked as they want it, over real TLS to a server that stands for them.

The inputs that break the easy version: a next page on another host, a page token that has grown
too old, an access token that is refused before its end.
"""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs

import jwt
import msgspec
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

from services.ingest.domain.brands import Account
from services.ingest.domain.polls import AppStorePoll, FeedPoll, PlayPoll, Poll
from services.ingest.pollers.engine import Source
from services.ingest.pollers.fetch import Unreachable
from services.ingest.pollers.sources import polled_of, sources_of
from stream.settings import BadSettings
from tests.unit.ingest.deliveries import BANK, NOW
from tests.unit.ingest.pollers.site import Hands, Leading, Site, certified, reply, served, web

APPLE, EC_KEY = "api.appstoreconnect.apple.com", ec.generate_private_key(ec.SECP256R1())
OAUTH, PLAY = "oauth2.googleapis.com", "androidpublisher.googleapis.com"
RSA_KEY = rsa.generate_private_key(65537, 2048)
REVIEWS = "/v1/apps/42/customerReviews?sort=-createdDate&limit=200&include=response"
LISTED = "/androidpublisher/v3/applications/ru.lavka.app/reviews?maxResults=100"


def pem(key: PrivateKeyTypes) -> str:
    private = serialization.PrivateFormat.PKCS8
    encoded = key.private_bytes(serialization.Encoding.PEM, private, serialization.NoEncryption())
    return encoded.decode()


ENVIRONMENT = {
    "APPLE": json.dumps({"issuer_id": "team", "key_id": "K1", "private_key": pem(EC_KEY)}),
    "GOOGLE": json.dumps({"client_email": "reader@x.example", "private_key": pem(RSA_KEY)}),
}


def polling(source: str, poll: Poll, *secrets: str) -> Account:
    return msgspec.structs.replace(BANK, source=source, poll=poll, secrets=secrets)


APP = polling("appstore", AppStorePoll(app="42"), "APPLE")
PACKAGE = polling("gplay", PlayPoll(package="ru.lavka.app"), "GOOGLE")
FEED = polling("rss", FeedPoll(url="http://forum.example/feed"))


@asynccontextmanager
async def asked(
    folder: Path, account: Account, answers: dict[str, bytes | Sequence[bytes]]
) -> AsyncIterator[tuple[Source, Site, Hands]]:
    """The account's source, before a site with these answers."""
    trusted = certified(folder, APPLE, OAUTH, PLAY)
    tls, trusting = trusted if account.source != "rss" else (None, None)
    clock = Hands(NOW)
    site = Site(answers)
    async with served(site, tls), web(Leading(site, trusting)) as client:
        accounts = {(account.source, account.id): account}
        (source,) = sources_of(accounts, ENVIRONMENT, client, clock.real).values()
        yield source, site, clock


def reviews(*dates: str, following: str | None = None) -> bytes:
    """A page of App Store Connect."""
    data = [
        {"type": "customerReviews", "id": date, "attributes": {"createdDate": date, "rating": 1}}
        for date in dates
    ]
    return reply(body=json.dumps({"data": data, "links": {"next": following}}).encode())


def week(*seconds: int, token: str | None = None) -> bytes:
    """A page of Google Play."""
    listed = [
        {
            "reviewId": f"r{at}",
            "comments": [{"userComment": {"text": "Ок", "lastModified": {"seconds": str(at)}}}],
        }
        for at in seconds
    ]
    page = {"tokenPagination": {"nextPageToken": token}} if token else {}
    return reply(body=json.dumps({"reviews": listed, **page}).encode())


def granted(token: str, seconds: int = 3600) -> bytes:
    return reply(body=json.dumps({"access_token": token, "expires_in": seconds}).encode())


async def test_a_feed_that_has_not_changed_is_not_sent_again(tmp_path: Path) -> None:
    first = reply(body=b"<rss/>", etag='W/"7"', last_modified="Mon, 02 Mar 2026 09:00:00 GMT")
    async with asked(tmp_path, FEED, {"/feed": [first, reply(304)]}) as (feed, site, _):
        new = await feed.fetch(None)
        same = await feed.fetch(new.cursor)

    assert new.delivery is not None
    assert new.delivery.body == b"<rss/>"
    assert (same.delivery, same.cursor, same.more) == (None, new.cursor, False)
    assert "if-none-match" not in site.asked[0].headers
    assert site.asked[1].headers["if-none-match"] == 'W/"7"'
    assert site.asked[1].headers["if-modified-since"] == "Mon, 02 Mar 2026 09:00:00 GMT"


@pytest.mark.parametrize("status", [204, 401, 404, 500])
async def test_any_other_answer_is_none(tmp_path: Path, status: int) -> None:
    async with asked(tmp_path, FEED, {"/feed": reply(status)}) as (feed, _, __):
        with pytest.raises(Unreachable, match=f"status {status}"):
            await feed.fetch(None)


async def test_who_asks_for_patience_gets_it(tmp_path: Path) -> None:
    async with asked(tmp_path, FEED, {"/feed": reply(429, retry_after="120")}) as (feed, _, __):
        with pytest.raises(Unreachable) as refused:
            await feed.fetch(None)

    assert refused.value.retry_after == 120


async def test_the_app_store_is_asked_with_a_token_of_ten_minutes(tmp_path: Path) -> None:
    page = reviews("2026-03-01T08:10:34-08:00")
    async with asked(tmp_path, APP, {REVIEWS: page}) as (store, site, _):
        await store.fetch(None)

    scheme, _, token = site.asked[0].headers["authorization"].partition(" ")
    claims = jwt.decode(
        token,
        EC_KEY.public_key(),
        ["ES256"],
        audience="appstoreconnect-v1",
        options={"verify_exp": False, "verify_iat": False},
    )
    assert scheme == "Bearer"
    assert jwt.get_unverified_header(token)["kid"] == "K1"
    assert (claims["iss"], claims["exp"] - claims["iat"]) == ("team", 600)
    assert claims["iat"] == int(NOW.timestamp())


async def test_app_store_reviews_are_read_back_to_the_last_known(tmp_path: Path) -> None:
    answers: dict[str, bytes | Sequence[bytes]] = {
        REVIEWS: [
            reviews("2026-03-01T00:00:00Z", "2026-02-01T00:00:00Z", following=f"https://{APPLE}/o"),
            reviews("2026-03-09T00:00:00Z", "2026-03-05T00:00:00Z", following=f"https://{APPLE}/2"),
        ],
        "/2": reviews(
            "2026-03-04T00:00:00Z", "2026-03-01T00:00:00Z", following=f"https://{APPLE}/3"
        ),
    }
    async with asked(tmp_path, APP, answers) as (store, site, _):
        first = await store.fetch(None)
        second = await store.fetch(first.cursor)
        third = await store.fetch(second.cursor)

    assert [page.more for page in (first, second, third)] == [False, True, False]
    assert [one.path for one in site.asked] == [REVIEWS, REVIEWS, "/2"]
    assert json.loads(third.cursor)["until"] == 1773014400


@pytest.mark.parametrize(
    "body",
    [
        reviews("2026-03-01T00:00:00Z", following="https://elsewhere.example/2"),
        reviews("2026-03-01T00:00:00Z", following=f"http://{APPLE}/2"),
        reviews("2026-03-01T00:00:00Z", following=f"https://{APPLE}.elsewhere.example/2"),
        reply(body=b"<html>maintenance</html>"),
        reply(302, location=f"https://{APPLE}/other"),
    ],
)
async def test_what_is_no_list_of_ours_moves_no_cursor(tmp_path: Path, body: bytes) -> None:
    async with asked(tmp_path, APP, {REVIEWS: body}) as (store, _, __):
        with pytest.raises(Unreachable):
            await store.fetch(b'{"until":1}')


async def test_a_page_that_is_gone_is_begun_from_the_top(tmp_path: Path) -> None:
    cut = json.dumps({"until": 5, "newest": 9, "next": f"https://{APPLE}/gone"}).encode()
    async with asked(tmp_path, APP, {"/gone": reply(400)}) as (store, _, __):
        page = await store.fetch(cut)

    assert (page.delivery, page.more) == (None, True)
    assert json.loads(page.cursor) == {"until": 5, "newest": None, "next": None}


async def test_google_play_is_asked_as_a_service_account(tmp_path: Path) -> None:
    answers: dict[str, bytes | Sequence[bytes]] = {
        "/token": granted("t1"),
        LISTED: week(300, 200, token="p2"),
        f"{LISTED}&token=p2": week(100),
    }
    async with asked(tmp_path, PACKAGE, answers) as (store, site, _):
        first = await store.fetch(None)
        second = await store.fetch(first.cursor)

    form = {name: found[0] for name, found in parse_qs(site.asked[0].body.decode()).items()}
    claims = jwt.decode(
        form["assertion"],
        RSA_KEY.public_key(),
        ["RS256"],
        audience=f"https://{OAUTH}/token",
        options={"verify_exp": False, "verify_iat": False},
    )
    assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    assert claims["iss"] == "reader@x.example"
    assert claims["scope"] == "https://www.googleapis.com/auth/androidpublisher"
    assert [one.path for one in site.asked] == ["/token", LISTED, f"{LISTED}&token=p2"]
    assert site.asked[1].headers["authorization"] == "Bearer t1"
    assert (first.more, second.more) == (True, False)
    assert json.loads(second.cursor)["until"] == 300


async def test_a_token_is_asked_for_anew_at_its_end_and_where_it_is_refused(tmp_path: Path) -> None:
    answers: dict[str, bytes | Sequence[bytes]] = {
        "/token": [granted("t1"), granted("t2"), granted("t3")],
        LISTED: [week(1), reply(401), week(1)],
    }
    async with asked(tmp_path, PACKAGE, answers) as (store, site, clock):
        await store.fetch(None)
        with pytest.raises(Unreachable, match="status 401"):
            await store.fetch(None)
        await store.fetch(None)
        clock.at = NOW + timedelta(minutes=59)
        await store.fetch(None)

    used = [one.headers["authorization"] for one in site.asked if one.path == LISTED]
    assert used == ["Bearer t1", "Bearer t1", "Bearer t2", "Bearer t3"]


def test_without_its_secret_an_account_is_not_polled() -> None:
    accounts = {(one.source, one.id): one for one in (APP, PACKAGE, FEED, BANK)}

    assert set(polled_of(accounts, {})) == {("rss", "bank")}
    assert set(polled_of(accounts, {"APPLE": "x"})) == {("rss", "bank"), ("appstore", "bank")}


@pytest.mark.parametrize(
    "secret", ["тайна", "{}", '{"issuer_id":"a","key_id":"b","private_key":"тайна"}']
)
async def test_a_key_that_is_none_is_said_at_the_start_and_never_quoted(secret: str) -> None:
    async with web(Leading(Site({}))) as client:
        with pytest.raises(BadSettings, match="APPLE: expected JSON with a private key") as refused:
            sources_of({("appstore", "bank"): APP}, {"APPLE": secret}, client, lambda: NOW)

    assert "тайна" not in str(refused.value)
    assert refused.value.__cause__ is None

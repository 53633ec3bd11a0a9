"""A link shows to whoever opens it, and acts once, for who was chosen on its own page.

The inputs that break the easy version: a mail program that opens every link with GET, HEAD and
OPTIONS before a person does; a second POST after the chain has resumed; a form on another site; a
page that sends no Origin of its own because it told the browser to send no referrer; a link that
ended while the page was open; a name that nobody on duty has.
"""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import httpx
import msgspec
import pytest

from schemas.states import AlertState
from tests.boards import NIGHT, TEAMS, a_group
from tests.unit.route.phone_calls import ADDRESS, SETTINGS, Route, link

HAS = {"ru": "Занимается vera.", "bg": "Заема се vera.", "en": "vera has it."}
GONE = ("Эта ссылка не действует.", "Тази връзка не е валидна.", "This link is not valid.")
VERA = {"who": "vera"}


def text_of(answer: httpx.Response) -> str:
    return unescape(re.sub(r"<style>.*</style>|<[^>]*>", " ", answer.text, flags=re.S))


def offered(answer: httpx.Response) -> list[str]:
    return [unescape(one) for one in re.findall(r'<option value="([^"]+)"', answer.text)]


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("ru", ["СРОЧНО · Карты, ночь", "Украли карту", "(9 мин)", "Кто берёт?", "Беру"]),
        ("bg", ["СПЕШНО · Карти, нощ", "Открадната карта", "(9 мин)", "Кой поема?", "Поемам"]),
        ("en", ["URGENT · Cards, night", "Card stolen", "(9 min)", "Who takes it?", "Mine"]),
    ],
)
async def test_the_page_shows_what_it_is_about_and_who_could_take_it(
    lang: str, words: list[str]
) -> None:
    group = a_group(lang=lang)
    route = Route(group)

    answer = await route.http.get(link(group))

    assert answer.status_code == 200
    assert f'<html lang="{lang}">' in answer.text
    for word in words:
        assert word in text_of(answer)
    assert offered(answer) == ["vera", "gleb"]
    assert route.board.taken == []


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"])
async def test_what_opens_a_link_by_itself_changes_nothing(method: str) -> None:
    group = a_group()
    route, path = Route(group), link(group)

    for query in ("", "?who=vera"):
        answer = await route.http.request(method, path + query)
        assert answer.status_code == (200 if method in {"GET", "HEAD"} else 405)

    assert route.board.taken == []
    assert (await route.http.post(path, data=VERA)).status_code == 200
    assert len(route.board.taken) == 1


@pytest.mark.parametrize("lang", ["ru", "bg", "en"])
async def test_a_post_takes_it_once_and_then_shows_who_has_it(lang: str) -> None:
    group = a_group(lang=lang)
    route, path = Route(group), link(group)

    answers = [
        await route.http.post(path, data=VERA),
        await route.http.post(path, data={"who": "gleb"}),
        await route.http.get(path),
        await route.http.post(link(group, nonce="m"), data={"who": "gleb"}),
    ]

    for answer in answers:
        assert answer.status_code == 200
        assert HAS[lang] in text_of(answer)
        assert "<form" not in answer.text
    assert route.board.taken == [(group.key, "vera")]


@pytest.mark.parametrize("lang", ["ru", "bg", "en"])
async def test_a_used_link_takes_nothing_after_the_chain_has_resumed(lang: str) -> None:
    group = a_group(lang=lang)
    route, path = Route(group), link(group)
    await route.http.post(path, data=VERA)
    route.board.put(group)

    answer = await route.http.post(path, data={"who": "gleb"})

    assert answer.status_code == 410
    assert TEAMS[lang] in text_of(answer)
    assert any(gone in text_of(answer) for gone in GONE)
    assert route.board.taken == [(group.key, "vera")]
    assert (await route.http.post(link(group, nonce="m"), data={"who": "gleb"})).status_code == 200


@pytest.mark.parametrize("lang", ["ru", "bg", "en"])
async def test_what_is_over_is_shown_and_not_taken(lang: str) -> None:
    group = a_group(lang=lang, state=AlertState.resolved)
    route = Route(group)

    shown, posted = await route.http.get(link(group)), await route.http.post(link(group), data=VERA)

    assert shown.text == posted.text
    assert "<form" not in shown.text
    assert route.board.taken == []


async def test_forged_ended_and_forgotten_are_one_page_and_say_nothing() -> None:
    group = a_group()
    route = Route(group)
    ended = link(group, until=NIGHT)
    forged = [link(group)[:-1] + "x", "/a/x", "/a/" + "A" * 72, "/a/%ff", "/a/" + "я" * 72]
    forgotten = link(a_group("severbank:case:t9"))

    pages = set()
    for path in (ended, *forged, forgotten):
        for method in ("GET", "POST"):
            answer = await route.http.request(method, path, data=VERA)
            assert answer.status_code == (410 if path == ended else 404), path
            pages.add(answer.text)

    assert len(pages) == 1
    for gone in GONE:
        assert gone in pages.copy().pop()
    assert route.board.taken == []


async def test_a_link_ends_while_its_page_is_open() -> None:
    group = a_group()
    path = link(group, until=NIGHT + timedelta(minutes=1))
    later = Route(group, now=NIGHT + timedelta(minutes=1))

    assert (await Route(group).http.get(path)).status_code == 200
    assert (await later.http.post(path, data=VERA)).status_code == 410
    assert later.board.taken == []


async def test_without_a_secret_there_is_no_link() -> None:
    group = a_group()
    route = Route(group, settings=msgspec.structs.replace(SETTINGS, ack_secret=""))

    assert (await route.http.get(link(group))).status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "https://route.example.evil"},
        {"origin": "http://route.example"},
        {"origin": "https://route.example:8443"},
        {"origin": "https://[bad"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": ADDRESS, "sec-fetch-site": "cross-site"},
    ],
)
async def test_a_form_of_another_site_takes_nothing(headers: dict[str, str]) -> None:
    group = a_group()
    route = Route(group)

    answer = await route.http.post(link(group), data=VERA, headers=headers)

    assert answer.status_code == 403
    assert route.board.taken == []
    assert (await route.http.post(link(group), data=VERA)).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": ADDRESS},
        {"origin": "https://ROUTE.example:443"},
        {"sec-fetch-site": "same-origin"},
        {"origin": ADDRESS, "sec-fetch-site": "same-origin"},
    ],
)
async def test_the_pages_own_form_takes_it(headers: dict[str, str]) -> None:
    group = a_group()
    route = Route(group)

    assert (await route.http.post(link(group), data=VERA, headers=headers)).status_code == 200
    assert len(route.board.taken) == 1


@pytest.mark.parametrize(
    "form",
    [{}, {"who": ""}, {"who": "anna"}, {"who": "nobody"}, {"who": "vera "}, {"name": "vera"}],
)
async def test_who_is_not_on_duty_is_asked_again_and_the_link_stays_good(
    form: dict[str, str],
) -> None:
    group = a_group()
    route, path = Route(group), link(group)

    answer = await route.http.post(path, data=form)

    assert answer.status_code == 422
    assert offered(answer) == ["vera", "gleb"]
    assert route.board.taken == []
    assert (await route.http.post(path, data=VERA)).status_code == 200


@pytest.mark.parametrize("body", [b"\xff\xfe", b"who", b"&" * 4000, b"who=vera&" * 9, b"%%%"])
async def test_what_is_no_form_takes_nothing(body: bytes) -> None:
    group = a_group()
    route = Route(group)

    assert (await route.http.post(link(group), content=body)).status_code == 422
    assert (await route.http.post(link(group), content=b"who=vera" * 9999)).status_code == 413
    assert route.board.taken == []


async def test_where_nobody_is_on_duty_everybody_may_take_it() -> None:
    group = a_group()
    route = Route(group)
    route.people.on_duty = {"fraud": ("ivo",)}

    assert offered(await route.http.get(link(group))) == ["anna", "gleb", "vera"]


async def test_the_page_runs_nothing_loads_nothing_and_is_kept_nowhere() -> None:
    group = a_group()
    route = Route(group)

    for answer in (
        await route.http.get(link(group)),
        await route.http.post(link(group), data=VERA),
        await route.http.get("/a/x"),
    ):
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert "form-action 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-robots-tag"] == "noindex, nofollow"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert '<meta name="viewport" content="width=device-width' in answer.text
        assert not re.search(r"<script|src=|href=|url\(|@import|\bon\w+=", answer.text)


@pytest.mark.parametrize("evil", ["<script>alert(1)</script>", '"><img src=x onerror=1>', "&lt;"])
async def test_nobodys_words_become_markup(evil: str) -> None:
    changes: dict[str, Any] = {"need": evil, "about": a_group().about}
    group = a_group(**changes)
    about = msgspec.structs.replace(group.about, team=evil)
    group = msgspec.structs.replace(group, about=about)
    route = Route(group)
    route.people.on_duty = {"cards": (evil,)}

    shown = await route.http.get(link(group))
    taken = await route.http.post(link(group), data={"who": evil})

    for answer in (shown, taken):
        assert evil not in answer.text
        assert evil in unescape(answer.text)
    assert offered(shown) == [evil]

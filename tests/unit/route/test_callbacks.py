"""A press of "mine" counts when its provider brings it from the button's own chat, and once.

The inputs that break the easy version: a good signature that is six minutes old, or over the body
of another request; the secret of another bot; a button's token in a chat that it was not sent to,
made up by a member of the chat; a second press by somebody else; PagerDuty's echo of what route
itself has told it; a body of a thousand brackets before anybody is known to have sent it.
"""

import hmac
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import httpx
import msgspec
import pytest

from schemas.states import AlertState
from services.route.api.doors import doors
from services.route.channels.paging import dedup_key
from services.route.domain.callbacks import Asked, is_authentic
from services.route.domain.presses import NAME
from stream.settings import BadSettings
from tests.boards import NIGHT, BoardPromises, MemoryBoard, a_group
from tests.unit.route.phone_calls import (
    CHANNELS,
    PHONES,
    SECRETS,
    Route,
    button,
    mattermost_action,
    pagerduty_event,
    pagerduty_headers,
    slack_form,
    slack_headers,
    telegram_headers,
    telegram_update,
)

HAS = {"ru": "Занимается {}", "bg": "Заема се {}", "en": "{} has it"}
OVER = {"ru": "Вопрос закрыт", "bg": "Въпросът е приключен", "en": "The matter is over"}
OLD, NEW = reversed(SECRETS["pager"].split())


class TestMemoryBoard(BoardPromises):
    @pytest.fixture
    def board(self) -> MemoryBoard:
        return MemoryBoard(a_group())


async def pressed(route: Route, channel: str, who: str = "vera") -> httpx.Response:
    """Somebody presses the button of the group in a channel."""
    group = next(iter(route.board.groups))
    token = button(channel, group)
    if channel == "crisis":
        body = slack_form(token, who=who)
        return await route.post(channel, body, slack_headers(body))
    if channel == "care":
        return await route.post(channel, mattermost_action(token, who=who))
    return await route.post(channel, telegram_update(token, who=who), telegram_headers(channel))


@pytest.mark.parametrize("channel", ["night", "crisis", "care"])
async def test_a_press_takes_the_group_and_a_second_one_changes_nothing(channel: str) -> None:
    route = Route(a_group())

    first, second = await pressed(route, channel), await pressed(route, channel, "gleb")

    assert (first.status_code, second.status_code) == (200, 200)
    assert route.board.taken == [("severbank:case:t1", "vera")]


@pytest.mark.parametrize("lang", ["ru", "bg", "en"])
async def test_telegram_is_told_whose_it_is_in_the_teams_language(lang: str) -> None:
    route = Route(a_group(lang=lang))

    first, second = await pressed(route, "night"), await pressed(route, "night", "gleb")

    answer = {"method": "answerCallbackQuery", "callback_query_id": "4382bfdwdsb323b2d9"}
    has = HAS[lang].format("vera")
    assert first.json() == {**answer, "text": has, "show_alert": False}
    assert second.json() == {**answer, "text": has, "show_alert": True}


@pytest.mark.parametrize("lang", ["ru", "bg", "en"])
async def test_slack_whispers_to_who_came_second_and_to_nobody_else(lang: str) -> None:
    route = Route(a_group(lang=lang))

    await pressed(route, "crisis")
    assert route.whispered == []
    await pressed(route, "crisis", "gleb")

    address = "https://hooks.slack.com/actions/T1/1/x"
    assert route.whispered == [(address, HAS[lang].format("vera"))]


@pytest.mark.parametrize("lang", ["ru", "bg", "en"])
async def test_mattermost_writes_its_message_anew_without_a_button(lang: str) -> None:
    route = Route(a_group(lang=lang))

    first = (await pressed(route, "care", "@here_*v*")).json()
    second = (await pressed(route, "care", "gleb")).json()

    has = HAS[lang].format("@\N{ZERO WIDTH SPACE}here\\_\\*v\\*")
    assert has in first["update"]["message"]
    assert first["update"]["props"] == {}
    assert "ephemeral_text" not in first
    assert second == {**first, "ephemeral_text": has}


@pytest.mark.parametrize("lang", ["ru", "bg", "en"])
async def test_what_is_over_is_nobodys_any_more(lang: str) -> None:
    route = Route(a_group(lang=lang, state=AlertState.resolved, acknowledged_by="anna"))

    answer = await pressed(route, "night")

    assert answer.json()["text"] == OVER[lang]
    assert route.board.taken == []


@pytest.mark.parametrize("channel", [*SECRETS, "mail", "nobody", "%00", "Ж"])
async def test_what_nobody_signed_is_refused_without_a_word(channel: str) -> None:
    route, group = Route(a_group()), a_group()
    bodies = [
        b"",
        b"{}",
        b"\xff\xfe",
        b"[" * 5000,
        telegram_update(button("night", group)),
        slack_form(button("crisis", group)),
        mattermost_action("made up"),
        mattermost_action(button("night", group)),
        pagerduty_event(group.key),
    ]
    empty = {"x-telegram-bot-api-secret-token": "", "x-slack-signature": "v0="}

    for body in bodies:
        for headers in ({}, empty, telegram_headers("other-bot")):
            if channel == "other-bot" and headers not in ({}, empty):
                continue
            answer = await route.post(quote(channel, safe="%"), body, headers)
            assert (answer.status_code, answer.content) == (401, b""), (body, headers)

    assert route.board.taken == []


@pytest.mark.parametrize(("seconds", "status"), [(299, 200), (-299, 200), (301, 401), (-301, 401)])
async def test_slack_may_be_five_minutes_off(seconds: int, status: int) -> None:
    route, body = Route(a_group()), slack_form(button("crisis", a_group()))
    headers = slack_headers(body, at=NIGHT + timedelta(seconds=seconds))

    assert (await route.post("crisis", body, headers)).status_code == status
    assert len(route.board.taken) == (status == 200)


async def test_slack_signs_what_it_sent_when_it_sent_it() -> None:
    route, body = Route(a_group()), slack_form(button("crisis", a_group()))
    good = slack_headers(body)
    other = slack_headers(slack_form("x"))
    broken = [
        {**good, "x-slack-signature": other["x-slack-signature"]},
        {**good, "x-slack-signature": good["x-slack-signature"].removeprefix("v0=")},
        {**good, "x-slack-signature": good["x-slack-signature"][:-1]},
        {**good, "x-slack-request-timestamp": str(int(NIGHT.timestamp()) + 1)},
        slack_headers(body, secret=SECRETS["night"]),
    ]

    for headers in broken:
        assert (await route.post("crisis", body, headers)).status_code == 401

    assert (await route.post("crisis", body, good)).status_code == 200


@pytest.mark.parametrize("stamp", ["", "-1", "1e9", "²", "١٢", " 1772492880", "9" * 5000, "nan"])
def test_a_time_that_is_none_is_stale(stamp: str) -> None:
    body = b"payload=x"
    digest = hmac.new(SECRETS["crisis"].encode(), b"v0:" + stamp.encode() + b":" + body, "sha256")
    headers = {
        "x-slack-request-timestamp": stamp.encode().decode("latin-1"),
        "x-slack-signature": f"v0={digest.hexdigest()}",
    }
    door = doors(CHANNELS, PHONES.callback_secrets)["crisis"]

    assert not is_authentic(door, Asked(headers=headers, body=body), NIGHT)


async def test_slacks_own_example_verifies() -> None:
    """The secret, the time and the body that Slack's documentation signs."""
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow"
        b"&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner"
        b"&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands"
        b"%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121"
        b".803a0bc887a14d10d2c447fce8b6703c"
    )
    headers = {
        "x-slack-request-timestamp": "1531420618",
        "x-slack-signature": (
            "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
        ),
    }
    door = doors(CHANNELS, {"crisis": ("8f742231b10e8888abcd99yyyzzz85a5",)})["crisis"]
    asked = Asked(headers=headers, body=body)

    at = datetime.fromtimestamp(1531420618, UTC)
    assert is_authentic(door, asked, at)
    assert not is_authentic(door, asked, at + timedelta(minutes=6))


@pytest.mark.parametrize(
    ("channel", "chat", "sealed_for"),
    [
        ("night", -200, "night"),
        ("night", -100, "day"),
        ("night", -100, "other-bot"),
        ("night", 0, "night"),
    ],
)
async def test_a_button_counts_in_the_chat_that_it_was_sent_to(
    channel: str, chat: int, sealed_for: str
) -> None:
    route = Route(a_group())
    body = telegram_update(button(sealed_for, a_group()), chat=chat)

    answer = await route.post(channel, body, telegram_headers(channel))

    assert answer.status_code == 200
    assert "text" not in answer.json()
    assert route.board.taken == []


async def test_a_bot_that_writes_to_many_chats_calls_back_at_one_address() -> None:
    route = Route(a_group())
    body = telegram_update(button("day", a_group()), chat=-200)

    await route.post("night", body, telegram_headers("night"))

    assert len(route.board.taken) == 1


async def test_a_member_of_the_chat_cannot_make_a_button_up() -> None:
    route, group = Route(a_group()), a_group()
    good = button("night", group)
    forged = [good[:22], good[:-1], "A" * 22 + good[22:], "", "ы" * 32]
    forged += [button("night", group, until=NIGHT)]

    for token in forged:
        answer = await route.post("night", telegram_update(token), telegram_headers("night"))
        assert answer.status_code == 200

    assert route.board.taken == []


async def test_a_button_of_mattermost_ends() -> None:
    route, group = Route(a_group()), a_group()
    ended = mattermost_action(button("care", group, until=NIGHT))

    assert (await route.post("care", ended)).status_code == 401
    good = mattermost_action(button("care", group, until=NIGHT + timedelta(seconds=1)))
    assert (await route.post("care", good)).status_code == 200


@pytest.mark.parametrize("secrets", [[NEW], [OLD], ["another", OLD], [NEW, OLD]])
async def test_pagerdutys_acknowledgement_is_fed_back(secrets: list[str]) -> None:
    route, body = Route(a_group()), pagerduty_event(dedup_key(a_group().key))

    answer = await route.post("pager", body, pagerduty_headers(body, *secrets))

    assert answer.status_code == 200
    assert route.board.taken == [("severbank:case:t1", "Vera Petrova")]


async def test_pagerduty_knows_a_group_with_a_long_key_by_its_digest() -> None:
    group = a_group("severbank:" + "k" * 300)
    route, body = Route(group), pagerduty_event(dedup_key(group.key))

    await route.post("pager", body, pagerduty_headers(body, NEW))

    assert route.board.taken == [(group.key, "Vera Petrova")]


async def test_pagerduty_signs_what_it_sent() -> None:
    route, body = Route(a_group()), pagerduty_event(a_group().key)
    signed = pagerduty_headers(body, NEW)["x-pagerduty-signature"]

    for given in (signed[:-1], signed.removeprefix("v1="), signed.replace("v1", "v0"), ",", "v1="):
        answer = await route.post("pager", body, {"x-pagerduty-signature": given})
        assert answer.status_code == 401
    other = pagerduty_headers(b"{}", NEW)
    assert (await route.post("pager", body, other)).status_code == 401
    assert route.board.taken == []


@pytest.mark.parametrize(
    "event",
    [
        {"kind": "incident.resolved"},
        {"kind": "pagey.ping", "data": {"message": "Hello", "type": "ping"}, "agent": None},
        {"kind": "incident.from_the_future"},
        {"agent": {"id": "P1", "type": "service_reference", "summary": "Otklik"}},
        {"agent": None},
        {"at": NIGHT - timedelta(hours=25)},
        {"data": {"id": "Q1", "type": "incident", "incident_key": None}},
    ],
)
async def test_what_is_no_persons_news_is_taken_and_ignored(event: dict[str, Any]) -> None:
    route, body = Route(a_group()), pagerduty_event(a_group().key, **event)

    answer = await route.post("pager", body, pagerduty_headers(body, NEW))

    assert answer.status_code == 200
    assert route.board.taken == []


async def test_what_a_provider_tells_beside_presses_is_taken_and_ignored() -> None:
    route, group = Route(a_group()), a_group()
    message = msgspec.json.encode({"update_id": 2, "message": {"text": "hi"}})
    inline = telegram_update(button("night", group), message=None)
    opened = slack_form(button("crisis", group), action="open_mine")

    for body in (message, inline):
        answer = await route.post("night", body, telegram_headers("night"))
        assert (answer.status_code, answer.content) == (200, b"")
    assert (await route.post("crisis", opened, slack_headers(opened))).status_code == 200

    assert route.board.taken == []


@pytest.mark.parametrize(
    "body", [b"", b"{", b"payload=", b"payload=%7B%7D", b"\xff", b"a", b"[" * 9]
)
async def test_what_is_signed_and_makes_no_sense_is_refused(body: bytes) -> None:
    route = Route(a_group())

    answers = [
        await route.post("night", body, telegram_headers("night")),
        await route.post("crisis", body, slack_headers(body)),
        await route.post("pager", body, pagerduty_headers(body, NEW)),
    ]

    assert {answer.status_code for answer in answers} == {400}


async def test_more_than_a_callback_can_be_is_not_read() -> None:
    route = Route(a_group())

    for channel in ("night", "nobody"):
        answer = await route.post(channel, b" " * (300 << 10), telegram_headers("night"))
        assert answer.status_code == 413


async def test_a_group_that_is_not_there_is_nobodys() -> None:
    route, other = Route(a_group()), a_group("severbank:case:t9")

    answer = await route.post(
        "night", telegram_update(button("night", other)), telegram_headers("night")
    )

    assert answer.status_code == 200
    assert "text" not in answer.json()


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("vera", "vera"),
        (" Вера\n\tПетрова ", "Вера Петрова"),
        ("\u202egelb\u200b\x00", "gelb"),
        ("щ" * 200, "щ" * NAME),
        ("\u200b", "telegram:7"),
    ],
)
async def test_a_name_is_one_line_that_cannot_turn_the_others_round(given: str, shown: str) -> None:
    route = Route(a_group())
    user: dict[str, Any] = {"from": {"id": 7, "first_name": given}}
    body = telegram_update(button("night", a_group()), **user)

    await route.post("night", body, telegram_headers("night"))

    assert route.board.taken == [("severbank:case:t1", shown)]


@pytest.mark.parametrize("name", ["mail", "nobody"])
def test_a_secret_opens_no_door_where_there_is_no_button(name: str) -> None:
    with pytest.raises(BadSettings, match=rf"^CALLBACK_SECRETS\.{name}: expected a channel"):
        doors(CHANNELS, {name: ("s" * 16,)})


def test_a_secret_of_blanks_opens_no_door() -> None:
    assert doors(CHANNELS, {"night": ()}) == {}
    assert set(doors(CHANNELS, PHONES.callback_secrets)) == set(SECRETS)

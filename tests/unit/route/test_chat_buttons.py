"""Each chat gets the button that it knows, and its message names who has it.

The inputs that break the easy version: an edit whose answer was lost, tried again ("not modified"
is done); a first message that somebody has deleted; a 200 of Slack's that says no; Slack's wish in
a 200; a receipt that is of another kind of channel; a token where nobody would bring it back.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import httpx
import msgspec
import pytest
from fastapi import FastAPI, Request, Response

from schemas.states import AlertState, PriorityBand
from services.route.channels.opening import open_channel
from services.route.channels.slack_bot import SlackWhisper
from services.route.domain.alerting import Undelivered
from services.route.domain.message import Message, Mine, Sending
from tests.unit.route.test_channels import SECRET, TARGETS
from tests.unit.route.test_message import STOLEN, alert

NOW = datetime(2026, 3, 2, 23, 8, tzinfo=UTC)
LINK = "https://vk.com/wall-1_2"
URL, HOOK = "https://route.example/a/x", "https://route.example/v1/callbacks/night"
LABELS = {"ru": "Беру", "bg": "Поемам", "en": "Mine"}
TARGETS = {**TARGETS, "slack-bot": "slack-bot:xoxb-1/C1@http://provider"}
BUTTONS: Mapping[str, Callable[[Any], list[tuple[str, str]]]] = {
    "slack": lambda body: [_of_slack(one) for one in body["blocks"][1]["elements"]],
    "slack-bot": lambda body: [_of_slack(one) for one in body["blocks"][1]["elements"]],
    "telegram": lambda body: [
        (one["text"], one.get("callback_data") or one["url"])
        for one in body["reply_markup"]["inline_keyboard"][0]
    ],
    "mattermost": lambda body: [
        (one["name"], one["integration"]["context"]["token"])
        for one in body.get("attachments", [{"actions": []}])[0]["actions"]
    ],
    "teams": lambda body: [
        (one["title"], one["url"]) for one in body["attachments"][0]["content"].get("actions", [])
    ],
}
PRESSED = ["slack", "slack-bot", "telegram", "mattermost"]


def _of_slack(one: dict[str, Any]) -> tuple[str, str]:
    return one["text"]["text"], one.get("value") or one["url"]


class Provider:
    """A provider that answers each path as it is told, or takes everything."""

    def __init__(self) -> None:
        self.app, self.got = FastAPI(), list[tuple[str, Any, str]]()
        self.answers = dict[str, list[Response]]()
        self.numbers = iter(range(1, 100))

        @self.app.post("/{path:path}")
        async def take(path: str, request: Request) -> Response:
            body = msgspec.json.decode(await request.body())
            self.got.append((path, body, request.headers.get("authorization", "")))
            told = self.answers.get(path.rpartition("/")[2])
            return told.pop(0) if told else self._taken()

    def _taken(self) -> Response:
        number = next(self.numbers)
        said = {"ok": True, "channel": "C1", "ts": f"{number}.0", "result": {"message_id": number}}
        return Response(msgspec.json.encode(said))

    def says(self, path: str, status: int, body: Any, **headers: str) -> None:
        """Answer the next call of a path like this."""
        told = Response(msgspec.json.encode(body), status, headers)
        self.answers.setdefault(path, []).append(told)

    @property
    def paths(self) -> list[str]:
        """Where it was called, in order."""
        return [path.rpartition("/")[2] for path, _, _ in self.got]


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
async def client(provider: Provider) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=provider.app)) as found:
        yield found


Send = Callable[..., Any]


@pytest.fixture
def send(client: httpx.AsyncClient) -> Send:
    """Send one message on a channel of some kind; what its provider called it."""

    async def sending(
        kind: str,
        state: AlertState = AlertState.raised,
        *,
        mine: Mine | None = None,
        earlier: str | None = None,
        text: str = "line",
    ) -> str | None:
        message = Message(
            text=text, state=state, severity=PriorityBand.critical, link=LINK, mine=mine
        )
        told = Sending(id="m1", alert=alert(STOLEN["ru"]), message=message, at=NOW, earlier=earlier)
        return await open_channel(kind, TARGETS[kind], client, SECRET).send(told)

    return sending


def mine(lang: str = "ru", *, token: str | None = "t" * 50) -> Mine:
    return Mine(label=LABELS[lang], token=token, url=URL, hook=HOOK)


@pytest.mark.parametrize("lang", list(LABELS))
@pytest.mark.parametrize("kind", PRESSED)
async def test_the_button_stands_before_the_link(
    kind: str, lang: str, send: Send, provider: Provider
) -> None:
    await send(kind, mine=mine(lang))

    _, body, _ = provider.got[-1]
    assert BUTTONS[kind](body)[0] == (LABELS[lang], "t" * 50)
    assert LINK in msgspec.json.encode(body).decode()
    assert URL not in msgspec.json.encode(body).decode()


@pytest.mark.parametrize("lang", list(LABELS))
@pytest.mark.parametrize("kind", [*PRESSED, "teams"])
async def test_where_no_press_comes_back_the_label_leads_to_the_page(
    kind: str, lang: str, send: Send, provider: Provider
) -> None:
    await send(kind, mine=mine(lang, token=None))

    _, body, _ = provider.got[-1]
    if kind == "mattermost":
        assert body["text"].endswith(f"[{LABELS[lang]}](<{URL}>) [↗](<{LINK}>)")
        assert "attachments" not in body
    else:
        assert BUTTONS[kind](body) == [(LABELS[lang], URL), ("↗", LINK)]


@pytest.mark.parametrize("kind", [*PRESSED, "teams"])
async def test_what_somebody_has_shows_no_button(kind: str, send: Send, provider: Provider) -> None:
    await send(kind, AlertState.acknowledged)

    assert "mine" not in msgspec.json.encode(provider.got[-1][1]).decode().replace("open_mine", "")


async def test_mattermost_calls_back_where_it_was_told(send: Send, provider: Provider) -> None:
    await send("mattermost", mine=mine())

    (action,) = provider.got[-1][1]["attachments"][0]["actions"]
    assert action["integration"]["url"] == HOOK
    assert action["id"].isalnum()


async def test_a_system_is_told_the_page_beside_the_alert(send: Send, provider: Provider) -> None:
    await send("webhook", mine=mine())
    await send("alertmanager", mine=mine())
    await send("webhook", AlertState.acknowledged)

    hooked, alerted, had = (body for _, body, _ in provider.got)
    assert (hooked["mine_url"], hooked["need"]) == (URL, STOLEN["ru"])
    assert alerted[0]["annotations"]["mine_url"] == URL
    assert URL not in str(alerted[0]["labels"])
    assert "mine_url" not in had


@pytest.mark.parametrize(
    ("kind", "sends", "edits", "first"),
    [
        ("telegram", "sendMessage", "editMessageText", "1"),
        ("slack-bot", "chat.postMessage", "chat.update", "C1/1.0"),
    ],
)
@pytest.mark.parametrize("state", [AlertState.acknowledged, AlertState.resolved])
async def test_the_first_message_tells_who_has_it(
    *,
    kind: str,
    sends: str,
    edits: str,
    first: str,
    state: AlertState,
    send: Send,
    provider: Provider,
) -> None:
    receipt = await send(kind, mine=mine())
    assert receipt == first

    for again in (AlertState.updated, AlertState.escalated, AlertState.repeated):
        assert await send(kind, again, mine=mine(), earlier=receipt) != first
    assert await send(kind, state, earlier=receipt, text="vera has it") == first

    assert provider.paths == [sends] * 4 + [edits]
    body = provider.got[-1][1]
    assert "vera has it" in msgspec.json.encode(body).decode()
    assert "t" * 50 not in str(body)
    named = {"message_id": 1} if kind == "telegram" else {"channel": "C1", "ts": "1.0"}
    assert named.items() <= body.items()


@pytest.mark.parametrize(
    ("kind", "edit", "refusals"),
    [
        (
            "telegram",
            "editMessageText",
            [
                (400, {"ok": False, "description": "Bad Request: message to edit not found"}),
                (400, {"ok": False, "description": "Bad Request: message can't be edited"}),
                (400, {"ok": False, "description": "Bad Request: MESSAGE_ID_INVALID"}),
            ],
        ),
        (
            "slack-bot",
            "chat.update",
            [
                (200, {"ok": False, "error": "message_not_found"}),
                (200, {"ok": False, "error": "cant_update_message"}),
                (200, {"ok": False, "error": "edit_window_closed"}),
            ],
        ),
    ],
)
async def test_where_the_first_message_is_gone_a_new_one_tells_it(
    kind: str, edit: str, refusals: list[tuple[int, Any]], send: Send, provider: Provider
) -> None:
    earlier = {"telegram": "77", "slack-bot": "C1/7.7"}[kind]
    for status, body in refusals:
        provider.says(edit, status, body)

    told = [await send(kind, AlertState.acknowledged, earlier=earlier) for _ in refusals]

    assert None not in told
    assert earlier not in told
    assert len(provider.got) == 2 * len(refusals)


async def test_an_edit_that_was_made_already_is_made(send: Send, provider: Provider) -> None:
    why = "Bad Request: message is not modified: specified new message content and reply markup"
    provider.says("editMessageText", 400, {"ok": False, "description": why})

    assert await send("telegram", AlertState.acknowledged, earlier="77") == "77"
    assert provider.paths == ["editMessageText"]


@pytest.mark.parametrize(
    ("status", "body", "wish"),
    [
        (400, {"ok": False, "description": "Bad Request: chat not found"}, None),
        (429, {"ok": False, "parameters": {"retry_after": 7}}, 7),
        (502, "a proxy's page", None),
        (403, {"ok": False, "description": "Forbidden: bot was kicked"}, None),
    ],
)
@pytest.mark.parametrize("path", ["editMessageText", "sendMessage"])
async def test_what_telegram_refuses_is_tried_again_and_told_nowhere_else(
    *, path: str, status: int, body: Any, wish: float | None, send: Send, provider: Provider
) -> None:
    provider.says(path, status, body)
    earlier = "77" if path == "editMessageText" else None

    with pytest.raises(Undelivered) as refused:
        await send("telegram", AlertState.acknowledged, earlier=earlier)

    assert refused.value.retry_after == wish
    assert provider.paths == [path]
    assert "abc" not in str(refused.value)


@pytest.mark.parametrize(
    ("status", "body", "headers", "why", "wish"),
    [
        (200, {"ok": False, "error": "channel_not_found"}, {}, "slack: channel_not_found", None),
        (200, {"ok": False, "error": "ratelimited"}, {"retry-after": "30"}, "ratelimited", 30),
        (429, {"ok": False, "error": "ratelimited"}, {"retry-after": "5"}, "status 429", 5),
        (200, {"ok": False, "error": "<b>xoxb-1 {}"}, {}, "slack: refused", None),
        (200, {"ok": False}, {}, "slack: refused", None),
        (200, "a proxy's page", {}, "no answer", None),
        (500, {}, {}, "status 500", None),
    ],
)
@pytest.mark.parametrize("path", ["chat.postMessage", "chat.update"])
async def test_slacks_no_in_a_200_is_a_refusal(
    *,
    path: str,
    status: int,
    body: Any,
    headers: dict[str, str],
    why: str,
    wish: float | None,
    send: Send,
    provider: Provider,
) -> None:
    provider.says(path, status, body, **headers)
    earlier = "C1/7.7" if path == "chat.update" else None

    with pytest.raises(Undelivered, match=why) as refused:
        await send("slack-bot", AlertState.resolved, earlier=earlier)

    assert refused.value.retry_after == wish
    assert provider.paths == [path]
    assert "xoxb" not in str(refused.value)


async def test_a_bot_of_slacks_names_itself_in_a_header(send: Send, provider: Provider) -> None:
    await send("slack-bot")

    path, body, bearer = provider.got[-1]
    assert (path, bearer) == ("api/chat.postMessage", "Bearer xoxb-1")
    assert body["channel"] == "C1"
    assert "xoxb" not in str(body)


@pytest.mark.parametrize(
    ("kind", "earlier"),
    [
        ("slack-bot", ""),
        ("slack-bot", "77"),
        ("slack-bot", "<m1@route>"),
        ("telegram", "C1/7.7"),
        ("telegram", "²"),
        ("telegram", ""),
    ],
)
async def test_a_receipt_of_another_kind_is_none(
    kind: str, earlier: str, send: Send, provider: Provider
) -> None:
    await send(kind, AlertState.acknowledged, earlier=earlier)

    assert provider.paths == [{"slack-bot": "chat.postMessage", "telegram": "sendMessage"}[kind]]


async def test_a_whisper_goes_to_slack_alone_and_never_fails(
    client: httpx.AsyncClient, provider: Provider
) -> None:
    whisper, good = SlackWhisper(client), "https://hooks.slack.com/actions/T1/1/x"
    provider.says("x", 500, {})

    for address in (
        good,
        "http://hooks.slack.com/actions/1",
        "https://hooks.slack.com.evil.example/1",
        "https://hooks.slack.com@169.254.169.254/1",
        "https://[bad",
        "file:///etc/passwd",
        "",
    ):
        await whisper(address, "<!channel> has it")

    ((_, body, _),) = provider.got
    assert body["text"] == "&lt;!channel&gt; has it"
    assert body["response_type"] == "ephemeral"
    assert body["replace_original"] is False

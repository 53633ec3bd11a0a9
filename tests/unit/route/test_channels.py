"""Each provider gets what it reads, and nobody's words can call a channel or become a link.

The inputs that break the easy version: ``<!channel>`` and ``@here`` in what others wrote; a 429
that names its wish as a date, or in the body; a group's key that is longer than the provider takes;
an exercise whose mark a layout leaves out.
"""

import re
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import msgspec
import pytest
from fastapi import FastAPI, Request, Response

from schemas.states import AlertState, PriorityBand
from services.route.channels.delivering import Channel
from services.route.channels.opening import open_channel
from services.route.domain.alerting import Undelivered
from services.route.domain.message import Message, Sending, message_of
from stream.settings import BadSettings
from tests.unit.route.test_message import NIGHT, STOLEN, WORDS, about, alert

NOW = datetime(2026, 3, 2, 23, 8, tzinfo=UTC)
EVIL = "<!channel> @here @all <b>*bold*</b> [go](http://evil.example) <https://evil.example|x>"
LINK = "https://vk.com/wall-1_2?a=1&b=<2>"
BASE = "http://provider"
TARGETS = {
    "slack": f"slack:{BASE}/slack",
    "mattermost": f"mattermost:{BASE}/mattermost",
    "teams": f"teams:{BASE}/teams",
    "telegram": f"telegram:123:abc/-100@{BASE}",
    "pagerduty": f"pagerduty:R0UT1NG@{BASE}",
    "alertmanager": f"alertmanager:{BASE}",
    "webhook": f"{BASE}/hook",
}
SECRET = "whsec_c2VjcmV0"
_LIVE = r"(?<!\\)[<*\[\]()]|@(here|all)"
"""A sign of Markdown that is not escaped, or a call."""


class Provider:
    """A provider that takes everything, or answers as it is told."""

    def __init__(self) -> None:
        self.app, self.got = FastAPI(), list[tuple[str, Any]]()
        self.answer = Response(status_code=202)

        @self.app.post("/{path:path}")
        async def take(path: str, request: Request) -> Response:
            self.got.append((path, msgspec.json.decode(await request.body())))
            return self.answer

    def refuses(
        self, status: int, *, headers: dict[str, str] | None = None, body: str = ""
    ) -> None:
        self.answer = Response(status_code=status, headers=headers, content=body)


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
async def client(provider: Provider) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=provider.app)) as found:
        yield found


def channel(kind: str, client: httpx.AsyncClient) -> Channel:
    return open_channel(kind, TARGETS[kind], client, SECRET)


def message(text: str, **changes: Any) -> Message:
    told = Message(text=text, state=AlertState.raised, severity=PriorityBand.critical, link=LINK)
    return msgspec.structs.replace(told, **changes)


async def sent(
    kind: str, client: httpx.AsyncClient, provider: Provider, text: str = EVIL, **changes: Any
) -> tuple[str, Any]:
    """Where the provider was called, and with what."""
    raised = alert(STOLEN["ru"], **changes)
    sending = Sending(id="m1", alert=raised, message=message(text), at=NOW)
    await channel(kind, client).send(sending)
    return provider.got[-1]


@pytest.mark.parametrize("text", list(STOLEN.values()))
@pytest.mark.parametrize("kind", list(TARGETS))
async def test_every_provider_gets_the_line_in_every_language(
    kind: str, text: str, client: httpx.AsyncClient, provider: Provider
) -> None:
    _, body = await sent(kind, client, provider, text)

    wanted = STOLEN["ru"] if kind == "webhook" else text
    assert wanted in msgspec.json.encode(body).decode()


FIRST: dict[str, Callable[[Any], str]] = {
    "slack": lambda body: body["text"],
    "mattermost": lambda body: body["text"],
    "teams": lambda body: body["attachments"][0]["content"]["body"][0]["text"],
    "telegram": lambda body: body["text"],
    "pagerduty": lambda body: body["payload"]["summary"],
    "alertmanager": lambda body: body[0]["annotations"]["summary"],
}
"""What somebody reads first, by channel."""


@pytest.mark.parametrize(("lang", "mark"), [("ru", "УЧЕНИЕ"), ("bg", "УЧЕНИЕ"), ("en", "EXERCISE")])
@pytest.mark.parametrize("kind", list(TARGETS))
async def test_every_channel_shows_that_it_is_an_exercise(
    kind: str, lang: str, mark: str, client: httpx.AsyncClient, provider: Provider
) -> None:
    for exercise in (True, False):
        one = alert(STOLEN[lang], exercise=exercise)
        told = message_of(one, about(lang), WORDS, NIGHT)
        await channel(kind, client).send(Sending(id="m1", alert=one, message=told, at=NOW))

    (_, drill), (_, real) = provider.got
    if kind == "webhook":
        assert (drill["exercise"], real["exercise"]) == (True, False)
        return
    assert FIRST[kind](drill).startswith(mark)
    assert mark not in msgspec.json.encode(real).decode()


async def test_alertmanager_may_send_exercises_elsewhere(
    client: httpx.AsyncClient, provider: Provider
) -> None:
    _, drill = await sent("alertmanager", client, provider, exercise=True)
    _, real = await sent("alertmanager", client, provider)

    assert drill[0]["labels"]["exercise"] == "true"
    assert "exercise" not in real[0]["labels"]


@pytest.mark.parametrize(
    ("kind", "shown", "never"),
    [
        ("slack", lambda body: body["blocks"][0]["text"]["text"], r"<"),
        ("mattermost", lambda body: body["text"].rpartition(" [↗]")[0], _LIVE),
        ("teams", lambda body: body["attachments"][0]["content"]["body"][0]["text"], _LIVE),
        ("telegram", lambda body: body["text"], r"<|@(here|all)"),
    ],
)
async def test_nothing_in_a_text_calls_a_channel_or_becomes_a_link(
    kind: str,
    shown: Callable[[Any], str],
    never: str,
    client: httpx.AsyncClient,
    provider: Provider,
) -> None:
    _, body = await sent(kind, client, provider)

    assert re.search(never, EVIL)
    assert not re.search(never, shown(body))


async def test_slack_gets_escaped_text_and_a_button(
    client: httpx.AsyncClient, provider: Provider
) -> None:
    path, body = await sent("slack", client, provider, "A & B <c>")

    assert path == "slack"
    assert body["text"] == "A &amp; B &lt;c&gt;"
    assert body["blocks"][1]["elements"][0]["url"] == LINK


async def test_telegram_gets_html_without_a_preview(
    client: httpx.AsyncClient, provider: Provider
) -> None:
    path, body = await sent("telegram", client, provider, "A & B <c>")

    assert path == "bot123:abc/sendMessage"
    assert (body["chat_id"], body["text"], body["parse_mode"]) == (
        "-100",
        "A &amp; B &lt;c&gt;",
        "HTML",
    )
    assert body["reply_markup"]["inline_keyboard"][0][0]["url"] == LINK


async def test_teams_gets_a_card(client: httpx.AsyncClient, provider: Provider) -> None:
    _, body = await sent("teams", client, provider, "one_two")

    card = body["attachments"][0]["content"]
    assert card["body"][0] == {"type": "TextBlock", "text": r"one\_two", "wrap": True}
    assert card["actions"][0]["url"] == LINK


@pytest.mark.parametrize(
    ("state", "action"),
    [
        ("raised", "trigger"),
        ("updated", "trigger"),
        ("acknowledged", "acknowledge"),
        ("resolved", "resolve"),
    ],
)
async def test_pagerduty_follows_the_group_under_one_key(
    state: str, action: str, client: httpx.AsyncClient, provider: Provider
) -> None:
    path, body = await sent("pagerduty", client, provider, state=AlertState(state))

    assert path == "v2/enqueue"
    assert (body["event_action"], body["dedup_key"]) == (action, "g1")
    assert body["payload"]["severity"] == "critical"


async def test_a_key_that_is_too_long_is_told_by_its_digest(
    client: httpx.AsyncClient, provider: Provider
) -> None:
    keys = [
        (await sent("pagerduty", client, provider, group_key=key * 256))[1]["dedup_key"]
        for key in "aab"
    ]

    assert [len(key) for key in keys] == [64] * 3
    assert keys[0] == keys[1] != keys[2]


async def test_alertmanager_knows_a_group_by_labels_that_never_change(
    client: httpx.AsyncClient, provider: Provider
) -> None:
    _, (raised,) = await sent("alertmanager", client, provider)
    _, (over,) = await sent("alertmanager", client, provider, state=AlertState.resolved, count=9)

    assert raised["labels"] == over["labels"]
    assert raised["endsAt"] > (NOW + timedelta(hours=4)).isoformat(), "the repeat comes before"
    assert over["endsAt"] == NOW.isoformat()


@pytest.mark.parametrize("kind", list(TARGETS))
@pytest.mark.parametrize("status", [400, 429, 500, 503])
async def test_a_refusal_is_tried_again_and_tells_no_secret(
    kind: str, status: int, client: httpx.AsyncClient, provider: Provider
) -> None:
    provider.refuses(status)

    with pytest.raises(Undelivered, match=f"status {status}") as refused:
        await sent(kind, client, provider)

    assert "abc" not in str(refused.value)
    assert "R0UT1NG" not in str(refused.value)


@pytest.mark.parametrize(
    ("header", "wish"),
    [("17", 17.0), ("Mon, 02 Mar 2026 23:08:30 GMT", 30.0), ("soon", None), ("", None)],
)
async def test_the_provider_says_when_to_come_again(
    header: str, wish: float | None, client: httpx.AsyncClient, provider: Provider
) -> None:
    provider.refuses(429, headers={"retry-after": header} if header else None)

    with pytest.raises(Undelivered) as refused:
        await sent("slack", client, provider)

    assert refused.value.retry_after == wish


async def test_telegram_says_it_in_the_body(client: httpx.AsyncClient, provider: Provider) -> None:
    provider.refuses(429, body='{"ok": false, "parameters": {"retry_after": 7}}')

    with pytest.raises(Undelivered) as refused:
        await sent("telegram", client, provider)

    assert refused.value.retry_after == 7


@pytest.mark.parametrize(
    "target",
    [
        "file:///etc/passwd",
        "slack:file:///etc/passwd",
        "telegram:only-a-token",
        "pagerduty:",
        "ftp://x",
        "slack:http://169.254.169.254/latest",
        "slack:",
        "",
    ],
)
def test_what_leads_nowhere_is_refused_with_its_name_alone(target: str) -> None:
    with pytest.raises(BadSettings, match=r"^CHANNELS\.care: expected") as refused:
        open_channel("care", target, httpx.AsyncClient(), SECRET)

    assert "passwd" not in str(refused.value)

"""How does an alert reach a chat? Slack, Mattermost, Telegram and Teams, each by its own rules.

What stands in a message was written by others: nothing in it may call a whole channel, become a
link, or change the layout. None of the four has a key against duplicates: a message whose answer
was lost may come twice.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from html import escape
from typing import Any

import httpx
import msgspec

from services.route.channels.posting import ask, must_be_taken, post
from services.route.domain.message import HAD, Message, Sending
from services.route.domain.presses import ACTION

TELEGRAM = "https://api.telegram.org"
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|>~<])")
_GONE = ("message to edit not found", "message can't be edited", "message_id_invalid")
_AS_IT_IS = "message is not modified"
_NOBODY = "@\N{ZERO WIDTH SPACE}"

Layout = Callable[[Message], Mapping[str, Any]]


class ChatWebhook:
    """A chat that takes messages at one address, laid out its way."""

    def __init__(self, client: httpx.AsyncClient, url: str, layout: Layout) -> None:
        self._client, self._url, self._layout = client, url, layout

    async def send(self, sending: Sending) -> str | None:
        """Post once; raises ``Undelivered`` where it must be tried again."""
        layout = self._layout(sending.message)
        await post(self._client, self._url, layout, at=sending.at)
        return None


class TelegramChannel:
    """A bot that writes to one chat; Telegram tells how long to wait in the body of its answer.

    Who has it stands in the first message, whose button goes; where that is gone, in a new one.
    """

    def __init__(self, client: httpx.AsyncClient, token: str, chat: str, base: str) -> None:
        self._client, self._chat = client, chat
        self._url = f"{base}/bot{token}"

    async def send(self, sending: Sending) -> str | None:
        """Send or edit once; raises ``Undelivered`` where it must be tried again."""
        body = {"chat_id": self._chat, **telegram(sending.message)}
        first = sending.earlier or ""
        edits = sending.message.state in HAD and first.isdecimal()
        if edits and await self._edited(int(first), body, sending.at):
            return first
        answer = await ask(self._client, f"{self._url}/sendMessage", body)
        must_be_taken(answer, sending.at, _by_body)
        number = _said(answer).result.message_id
        return None if number is None else str(number)

    async def _edited(self, first: int, body: Mapping[str, Any], at: datetime) -> bool:
        """False where the message is gone; one that says so already was edited before."""
        edit = {**body, "message_id": first}
        answer = await ask(self._client, f"{self._url}/editMessageText", edit)
        why = _said(answer).description.lower() if answer.status_code == 400 else ""
        if any(gone in why for gone in _GONE):
            return False
        if _AS_IT_IS not in why:
            must_be_taken(answer, at, _by_body)
        return True


def slack(message: Message) -> Mapping[str, Any]:
    """Slack's blocks; ``&``, ``<`` and ``>`` escaped, so that no ``<!channel>`` is left."""
    text = escape(message.text, quote=False)
    blocks: list[Mapping[str, Any]] = [
        {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}
    ]
    mine = message.mine
    buttons = [_button("open_" + ACTION, title, url=url) for title, url in _links(message)]
    if mine and mine.token:
        buttons.insert(0, _button(ACTION, mine.label, value=mine.token, style="primary"))
    if buttons:
        blocks.append({"type": "actions", "elements": buttons})
    return {"text": text, "blocks": blocks, "unfurl_links": False, "unfurl_media": False}


def mattermost(message: Message) -> Mapping[str, Any]:
    """Mattermost's Markdown, escaped; an ``@here`` calls nobody with a blank behind its ``@``."""
    links = (f"[{markdown(title)}](<{_address(url)}>)" for title, url in _links(message))
    told: dict[str, Any] = {"text": " ".join([markdown(message.text), *links])}
    mine = message.mine
    if mine and mine.token:
        action = {
            "id": ACTION,
            "name": mine.label,
            "type": "button",
            "style": "primary",
            "integration": {"url": mine.hook, "context": {"token": mine.token}},
        }
        told["attachments"] = [{"actions": [action]}]
    return told


def telegram(message: Message) -> Mapping[str, Any]:
    """Telegram's HTML, escaped; links are a button and no preview."""
    found: dict[str, Any] = {
        "text": escape(message.text, quote=False).replace("@", _NOBODY),
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
    }
    mine = message.mine
    keys: list[Mapping[str, str]] = [{"text": title, "url": url} for title, url in _links(message)]
    if mine and mine.token:
        keys.insert(0, {"text": mine.label, "callback_data": mine.token})
    if keys:
        found["reply_markup"] = {"inline_keyboard": [keys]}
    return found


def teams(message: Message) -> Mapping[str, Any]:
    """An adaptive card for a workflow's webhook; its text block reads some Markdown."""
    card: dict[str, Any] = {
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [{"type": "TextBlock", "text": markdown(message.text), "wrap": True}],
    }
    actions = [{"type": "Action.OpenUrl", "title": of, "url": to} for of, to in _links(message)]
    if actions:
        card["actions"] = actions
    content = {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}
    return {"type": "message", "attachments": [content]}


def markdown(text: str) -> str:
    """The text with every sign of Markdown escaped, calling nobody."""
    return _MARKDOWN.sub(r"\\\1", text).replace("@", _NOBODY)


def _links(message: Message) -> Iterator[tuple[str, str]]:
    """What leads somewhere, titles first: the page to say "mine" on where no press comes back."""
    mine = message.mine
    if mine and mine.url and not mine.token:
        yield mine.label, mine.url
    if message.link:
        yield "↗", message.link


def _button(action: str, title: str, **beside: str) -> Mapping[str, Any]:
    text = {"type": "plain_text", "text": title}
    return {"type": "button", "action_id": action, "text": text, **beside}


def _address(link: str) -> str:
    return link.replace(">", "%3E").replace("<", "%3C")


class _Parameters(msgspec.Struct):
    retry_after: float | None = None


class _Result(msgspec.Struct):
    message_id: int | None = None


class _Answer(msgspec.Struct):
    parameters: _Parameters = msgspec.field(default_factory=_Parameters)
    result: _Result = msgspec.field(default_factory=_Result)
    description: str = ""


def _said(answer: httpx.Response) -> _Answer:
    """What Telegram says; a proxy before it may say anything."""
    try:
        return msgspec.json.decode(answer.content, type=_Answer)
    except msgspec.DecodeError:
        return _Answer()


def _by_body(answer: httpx.Response, _: datetime) -> float | None:
    return _said(answer).parameters.retry_after

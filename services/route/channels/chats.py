"""How does an alert reach a chat? Slack, Mattermost, Telegram and Teams, each by its own rules.

What stands in a message was written by others: nothing in it may call a whole channel, become a
link, or change the layout. None of the four has a key against duplicates: a message whose answer
was lost may come twice.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from html import escape
from typing import Any

import httpx
import msgspec

from services.route.channels.posting import post
from services.route.domain.message import Message, Sending

TELEGRAM = "https://api.telegram.org"
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|>~<])")
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
    """A bot that writes to one chat; Telegram tells how long to wait in the body of its answer."""

    def __init__(self, client: httpx.AsyncClient, token: str, chat: str, base: str) -> None:
        self._client, self._chat = client, chat
        self._url = f"{base}/bot{token}/sendMessage"

    async def send(self, sending: Sending) -> str | None:
        """Send once; raises ``Undelivered`` where it must be tried again."""
        body = {"chat_id": self._chat, **telegram(sending.message)}
        await post(self._client, self._url, body, at=sending.at, wish=_by_body)
        return None


def slack(message: Message) -> Mapping[str, Any]:
    """Slack's blocks; ``&``, ``<`` and ``>`` escaped, so that no ``<!channel>`` is left."""
    text = escape(message.text, quote=False)
    blocks: list[Mapping[str, Any]] = [
        {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}
    ]
    if message.link:
        button = {"type": "plain_text", "text": "↗"}
        blocks.append(
            {
                "type": "actions",
                "elements": [{"type": "button", "text": button, "url": message.link}],
            }
        )
    return {"text": text, "blocks": blocks, "unfurl_links": False, "unfurl_media": False}


def mattermost(message: Message) -> Mapping[str, Any]:
    """Mattermost's Markdown, escaped; an ``@here`` calls nobody with a blank behind its ``@``."""
    text = markdown(message.text)
    return {"text": f"{text} [↗](<{_address(message.link)}>)" if message.link else text}


def telegram(message: Message) -> Mapping[str, Any]:
    """Telegram's HTML, escaped; links are a button and no preview."""
    found: dict[str, Any] = {
        "text": escape(message.text, quote=False).replace("@", _NOBODY),
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
    }
    if message.link:
        found["reply_markup"] = {"inline_keyboard": [[{"text": "↗", "url": message.link}]]}
    return found


def teams(message: Message) -> Mapping[str, Any]:
    """An adaptive card for a workflow's webhook; its text block reads some Markdown."""
    card: dict[str, Any] = {
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [{"type": "TextBlock", "text": markdown(message.text), "wrap": True}],
    }
    if message.link:
        card["actions"] = [{"type": "Action.OpenUrl", "title": "↗", "url": message.link}]
    content = {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}
    return {"type": "message", "attachments": [content]}


def markdown(text: str) -> str:
    """The text with every sign of Markdown escaped, calling nobody."""
    return _MARKDOWN.sub(r"\\\1", text).replace("@", _NOBODY)


def _address(link: str | None) -> str:
    return (link or "").replace(">", "%3E").replace("<", "%3C")


class _Parameters(msgspec.Struct):
    retry_after: float | None = None


class _Answer(msgspec.Struct):
    parameters: _Parameters = msgspec.field(default_factory=_Parameters)


def _by_body(answer: httpx.Response, _: datetime) -> float | None:
    try:
        return msgspec.json.decode(answer.content, type=_Answer).parameters.retry_after
    except msgspec.DecodeError:
        return None

"""How does a bot write to Slack? It names its message, so that it can say later who has it.

Slack answers 200 to what it refuses: what counts is ``ok``.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from html import escape
from typing import Any

import httpx
import msgspec

from services.route.channels.chats import slack
from services.route.channels.posting import ask, by_header, must_be_taken
from services.route.domain.alerting import Undelivered
from services.route.domain.message import HAD, Sending

SLACK = "https://slack.com"
ANSWERS = "https://hooks.slack.com/"
"""How an address to answer at begins: it comes with the press, and could name any host."""

_GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})
_WORD = re.compile(r"[a-z_]{1,40}")


class SlackBotChannel:
    """A bot that writes to one channel, and edits its first message once somebody has it."""

    def __init__(self, client: httpx.AsyncClient, token: str, channel: str, base: str) -> None:
        self._client, self._channel, self._url = client, channel, f"{base}/api/chat"
        self._headers = {"authorization": f"Bearer {token}"}

    async def send(self, sending: Sending) -> str | None:
        """Send or edit once; raises ``Undelivered`` where it must be tried again."""
        body = slack(sending.message)
        channel, _, first = (sending.earlier or "").partition("/")
        if first and sending.message.state in HAD:
            edit = {**body, "channel": channel, "ts": first}
            said = await self._asked("update", edit, sending.at)
            if said.error not in _GONE:
                return sending.earlier
        said = await self._asked("postMessage", {**body, "channel": self._channel}, sending.at)
        return f"{said.channel or self._channel}/{said.ts}" if said.ts else None

    async def _asked(self, method: str, body: Mapping[str, Any], at: datetime) -> "_Said":
        """What Slack says; raises ``Undelivered`` unless it took it, or the message is gone."""
        answer = await ask(self._client, f"{self._url}.{method}", body, self._headers)
        must_be_taken(answer, at)
        try:
            said = msgspec.json.decode(answer.content, type=_Said)
        except msgspec.DecodeError as error:
            raise Undelivered("no answer of Slack's") from error
        if not said.ok and not (method == "update" and said.error in _GONE):
            why = said.error if _WORD.fullmatch(said.error) else "refused"
            raise Undelivered(f"slack: {why}", retry_after=by_header(answer, at))
        return said


class SlackWhisper:
    """Says something to whoever pressed a button, at the address that came with the press."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def __call__(self, address: str, text: str) -> None:
        """Say it once, to them alone; what they pressed is settled whether they hear it or not."""
        said = escape(text, quote=False)
        told = {"response_type": "ephemeral", "replace_original": False, "text": said}
        if address.startswith(ANSWERS):
            with suppress(Undelivered):
                await ask(self._client, address, told)


class _Said(msgspec.Struct):
    ok: bool
    error: str = ""
    channel: str = ""
    ts: str = ""

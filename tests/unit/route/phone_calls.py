"""Route as phones and their providers reach it, on a board in memory and a clock that stands."""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import httpx
import msgspec
from fastapi import FastAPI
from prometheus_client import CollectorRegistry

from services.route.api.board import Taking
from services.route.api.links import Takers
from services.route.domain.alerting import AlertGroup
from services.route.domain.needs import words_of
from services.route.domain.phones import LINK, Phones, Seal, button_of, sealed, short_of
from services.route.domain.views import DutyView
from services.route.front import phone_routes
from services.route.metrics import Metrics
from services.route.settings import Settings, phones, read_needs
from tests.boards import NIGHT, MemoryBoard
from tests.hands import hands

SECRETS = {
    "night": "telegram-secret-1",
    "day": "telegram-secret-1",
    "other-bot": "telegram-secret-2",
    "crisis": "slack-signing-secret",
    "care": "mattermost-secret",
    "pager": "pagerduty-secret-new pagerduty-secret-old",
}
CHANNELS = {
    "night": "telegram:1:abc/-100",
    "day": "telegram:1:abc/-200@https://telegram.example",
    "other-bot": "telegram:2:def/-100",
    "crisis": "slack:https://hooks.slack.com/services/x",
    "care": "mattermost:https://chat.example/hooks/x",
    "pager": "pagerduty:R0UT1NG",
    "mail": "https://mail.example/hook",
}
ADDRESS = "https://route.example"
SETTINGS = Settings(
    channels=msgspec.json.encode(CHANNELS).decode(),
    public_url=ADDRESS,
    ack_secret="a" * 32,
    callback_secrets=msgspec.json.encode(SECRETS).decode(),
)
PHONES: Phones = phones(SETTINGS)
WORDS = words_of(read_needs())


@dataclass
class People:
    """Who is on duty, by team; ``everybody`` is known."""

    on_duty: Mapping[str, Sequence[str]] = field(default_factory=dict)
    everybody: Sequence[str] = ("anna", "gleb", "vera")

    async def duty(self, at: datetime | None) -> DutyView:
        """Who is on duty now."""
        there = {team: tuple(names) for team, names in self.on_duty.items()}
        return DutyView(at=at or NIGHT, on_duty=there, swaps=())


class Route:
    """What phones reach."""

    def __init__(
        self, *groups: AlertGroup, now: datetime = NIGHT, settings: Settings = SETTINGS
    ) -> None:
        self.board, self.people = MemoryBoard(*groups), People({"cards": ("vera", "gleb")})
        self.whispered = list[tuple[str, str]]()
        self.metrics = Metrics(CollectorRegistry())
        clock = hands(now)
        taking = Taking(self.board, WORDS, clock, self.metrics)
        takers = Takers(self.people, lambda: self.people.everybody)
        app = FastAPI()
        for router in phone_routes(settings, taking, takers, self._whisper):
            app.include_router(router)
        self.http = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app), base_url=ADDRESS, follow_redirects=False
        )

    async def _whisper(self, address: str, text: str) -> None:
        self.whispered.append((address, text))

    async def post(
        self, channel: str, body: bytes, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Call back at a channel's address."""
        path = f"/v1/callbacks/{channel}"
        return await self.http.post(path, content=body, headers=headers)


def button(channel: str, group: AlertGroup, *, until: datetime = NIGHT + timedelta(days=1)) -> str:
    """What a button of the channel for the group brings back."""
    seal = Seal(short=short_of(group.key), until=until)
    return sealed(seal, SECRETS[channel].split()[0], button_of(channel))


def link(
    group: AlertGroup, *, nonce: str = "n", until: datetime = NIGHT + timedelta(days=1)
) -> str:
    """The path of a link to the group."""
    seal = Seal(short=short_of(group.key), until=until, nonce=nonce * 22)
    return f"/a/{sealed(seal, PHONES.link_secrets[0], LINK)}"


def telegram_update(token: str, *, chat: int = -100, who: str = "vera", **beside: Any) -> bytes:
    """A press as Telegram tells it."""
    user = {"id": 7, "is_bot": False, "first_name": "Вера", "username": who}
    query = {
        "id": "4382bfdwdsb323b2d9",
        "from": user,
        "message": {"message_id": 5, "date": 1, "chat": {"id": chat, "type": "supergroup"}},
        "chat_instance": "1",
        "data": token,
    }
    return msgspec.json.encode({"update_id": 1, "callback_query": {**query, **beside}})


def telegram_headers(channel: str) -> dict[str, str]:
    """How Telegram proves itself."""
    return {"x-telegram-bot-api-secret-token": SECRETS[channel]}


def slack_form(token: str, *, who: str = "vera", action: str = "mine") -> bytes:
    """A press as Slack tells it: JSON in a form."""
    said = {
        "type": "block_actions",
        "user": {"id": "U1", "username": who, "name": who, "team_id": "T1"},
        "response_url": "https://hooks.slack.com/actions/T1/1/x",
        "actions": [{"action_id": action, "block_id": "b", "type": "button", "value": token}],
    }
    return urlencode({"payload": msgspec.json.encode(said).decode()}).encode()


def slack_headers(
    body: bytes, *, at: datetime = NIGHT, secret: str = SECRETS["crisis"]
) -> dict[str, str]:
    """How Slack proves itself."""
    stamp = str(int(at.timestamp()))
    signed = b":".join((b"v0", stamp.encode(), body))
    digest = hmac.new(secret.encode(), signed, "sha256").hexdigest()
    return {
        "content-type": "application/x-www-form-urlencoded",
        "x-slack-request-timestamp": stamp,
        "x-slack-signature": f"v0={digest}",
    }


def mattermost_action(token: str, *, who: str = "vera") -> bytes:
    """A press as Mattermost tells it."""
    said = {
        "user_id": "u1",
        "user_name": who,
        "channel_id": "c1",
        "post_id": "p1",
        "trigger_id": "t",
        "context": {"token": token},
    }
    return msgspec.json.encode(said)


def pagerduty_event(
    key: str, *, kind: str = "incident.acknowledged", at: datetime = NIGHT, **event: Any
) -> bytes:
    """What PagerDuty's V3 webhook tells."""
    said = {
        "id": "01",
        "event_type": kind,
        "resource_type": "incident",
        "occurred_at": at.isoformat(),
        "agent": {"id": "P1", "type": "user_reference", "summary": "Vera Petrova"},
        "client": None,
        "data": {"id": "Q1", "type": "incident", "incident_key": key, "status": "acknowledged"},
    }
    return msgspec.json.encode({"event": {**said, **event}})


def pagerduty_headers(body: bytes, *secrets: str) -> dict[str, str]:
    """How PagerDuty proves itself: a signature for each secret that it knows."""
    signatures = [hmac.new(one.encode(), body, "sha256").hexdigest() for one in secrets]
    return {"x-pagerduty-signature": ",".join(f"v1={one}" for one in signatures)}

"""Who pressed "mine"? What providers call back with: is it theirs, and what does it say?

Each proves itself its own way: Telegram with the secret given to ``setWebhook``, Slack and
PagerDuty with an HMAC of what they sent, Mattermost with the seal that its button was given.
"""

import hmac
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from enum import StrEnum

import msgspec

from services.route.domain.phones import Seal, button_of, opened
from services.route.domain.presses import Press, mattermost_press

TOLERANCE_SECONDS = 300
"""How old a call of Slack's may be, either way."""

_STAMP = re.compile(r"[0-9]{1,12}")
_NOBODYS = ("no secret at all: what it signs is refused",)


class Provider(StrEnum):
    """Who can bring a press back."""

    telegram = "telegram"
    slack = "slack"
    mattermost = "mattermost"
    pagerduty = "pagerduty"


class Door(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider is let in by: any of the secrets.

    One bot and one app write to many channels and call one address: ``channels`` are all that
    share the secrets, each with its chat where the provider names one.
    """

    provider: Provider
    secrets: tuple[str, ...]
    channels: Mapping[str, str]


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A request as it came, its headers' names in small letters."""

    headers: Mapping[str, str]
    body: bytes


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody takes a group."""

    short: str
    who: str


def is_authentic(door: Door | None, asked: Asked, real_now: datetime) -> bool:
    """Does it come from the door's provider? An unknown door costs the same work as any."""
    known = door or Door(provider=Provider.slack, secrets=_NOBODYS, channels={})
    found = {provider: check(known, asked, real_now) for provider, check in _CHECKS.items()}
    return door is not None and found[door.provider]


def claim_of(door: Door, press: Press, real_now: datetime) -> Claim | None:
    """What a press takes; None where its button is not of this provider's, or not of its chat."""
    seal, channel = _opened(door, press.token, real_now)
    if seal is None or door.channels[channel] not in {"", press.chat}:
        return None
    return Claim(short=seal.short, who=press.who)


def _opened(door: Door, token: str, real_now: datetime) -> tuple[Seal | None, str]:
    """The seal that is still good and the channel that it was made for."""
    for channel in door.channels:
        seal = opened(token, door.secrets, button_of(channel))
        if seal and real_now < seal.until:
            return seal, channel
    return None, ""


def _telegram(door: Door, asked: Asked, _: datetime) -> bool:
    return _is_one_of(asked.headers.get("x-telegram-bot-api-secret-token", ""), door.secrets)


def _slack(door: Door, asked: Asked, real_now: datetime) -> bool:
    """``v0=`` and the HMAC of ``v0:timestamp:body``; the bytes as they came, before any parser."""
    stamp = asked.headers.get("x-slack-request-timestamp", "")
    fits = _signed(
        door.secrets,
        b":".join((b"v0", stamp.encode("latin-1", "replace"), asked.body)),
        (asked.headers.get("x-slack-signature", ""),),
        "v0=",
    )
    fresh = bool(_STAMP.fullmatch(stamp)) and (
        abs(real_now.timestamp() - int(stamp)) <= TOLERANCE_SECONDS
    )
    return fits and fresh


def _pagerduty(door: Door, asked: Asked, _: datetime) -> bool:
    """``v1=`` and the HMAC of the body; several while a secret changes, one has to fit."""
    given = asked.headers.get("x-pagerduty-signature", "").split(",")
    return _signed(door.secrets, asked.body, (one.strip() for one in given), "v1=")


def _mattermost(door: Door, asked: Asked, real_now: datetime) -> bool:
    try:
        press = mattermost_press(asked.body)
    except ValueError:
        press = None
    return _opened(door, press.token if press else "", real_now)[0] is not None


_CHECKS: Mapping[Provider, Callable[[Door, Asked, datetime], bool]] = {
    Provider.telegram: _telegram,
    Provider.slack: _slack,
    Provider.mattermost: _mattermost,
    Provider.pagerduty: _pagerduty,
}


def _signed(secrets: Iterable[str], said: bytes, given: Iterable[str], version: str) -> bool:
    wanted = [version + hmac.new(one.encode(), said, "sha256").hexdigest() for one in secrets]
    matches = [_is_one_of(one, wanted) for one in given]
    return any(matches)


def _is_one_of(given: str, live: Iterable[str]) -> bool:
    """In constant time, each of them compared."""
    offered = given.encode("utf-8", "surrogatepass")
    matches = [hmac.compare_digest(offered, one.encode()) for one in live if one]
    return any(matches)

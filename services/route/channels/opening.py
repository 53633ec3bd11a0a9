"""Which way does a channel lead? What the deployment allows, by the scheme of its target."""

from collections.abc import Callable, Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

import httpx

from services.route.channels.chats import (
    TELEGRAM,
    ChatWebhook,
    Layout,
    TelegramChannel,
    mattermost,
    slack,
    teams,
)
from services.route.channels.delivering import Channel
from services.route.channels.journal import JournalChannel
from services.route.channels.paging import PAGERDUTY, AlertmanagerChannel, PagerDutyChannel
from services.route.channels.slack_bot import SLACK, SlackBotChannel
from services.route.channels.webhook import WebhookChannel
from stream.settings import BadSettings

_LAYOUTS: Mapping[str, Layout] = {"slack": slack, "mattermost": mattermost, "teams": teams}
_SCHEMES = (
    "log:, an address, slack: slack-bot: mattermost: teams: telegram: pagerduty: or alertmanager:"
)


def open_channel(name: str, target: str, client: httpx.AsyncClient, secret: str) -> Channel:
    """The channel of a target of ``CHANNELS``; raises ``BadSettings`` with its name, no secret.

    ``slack:URL``, ``slack-bot:TOKEN/CHANNEL[@URL]``, ``mattermost:URL``, ``teams:URL``,
    ``telegram:TOKEN/CHAT[@URL]``, ``pagerduty:KEY[@URL]``, ``alertmanager:URL``,
    ``log:``, or an address for a signed webhook.
    """
    if target == "log:":
        return JournalChannel()
    scheme, _, rest = target.partition(":")
    if scheme in {"http", "https"}:
        return WebhookChannel(client, _address(name, target), secret)
    if scheme in _LAYOUTS:
        return ChatWebhook(client, _address(name, rest), _LAYOUTS[scheme])
    opening = _OTHERS.get(scheme)
    if opening is None:
        raise BadSettings(f"CHANNELS.{name}: expected {_SCHEMES}")
    return opening(name, rest, client)


def _telegram(name: str, rest: str, client: httpx.AsyncClient) -> Channel:
    whom, _, base = rest.partition("@")
    token, _, chat = whom.rpartition("/")
    if not (token and chat):
        raise BadSettings(f"CHANNELS.{name}: expected telegram:TOKEN/CHAT")
    return TelegramChannel(client, token, chat, _address(name, base or TELEGRAM))


def _slack_bot(name: str, rest: str, client: httpx.AsyncClient) -> Channel:
    whom, _, base = rest.partition("@")
    token, _, channel = whom.rpartition("/")
    if not (token and channel):
        raise BadSettings(f"CHANNELS.{name}: expected slack-bot:TOKEN/CHANNEL")
    return SlackBotChannel(client, token, channel, _address(name, base or SLACK))


def _pagerduty(name: str, rest: str, client: httpx.AsyncClient) -> Channel:
    key, _, base = rest.partition("@")
    if not key:
        raise BadSettings(f"CHANNELS.{name}: expected pagerduty:KEY")
    return PagerDutyChannel(client, key, _address(name, base or PAGERDUTY))


def _alertmanager(name: str, rest: str, client: httpx.AsyncClient) -> Channel:
    return AlertmanagerChannel(client, _address(name, rest))


_OTHERS: Mapping[str, Callable[[str, str, httpx.AsyncClient], Channel]] = {
    "telegram": _telegram,
    "slack-bot": _slack_bot,
    "pagerduty": _pagerduty,
    "alertmanager": _alertmanager,
}


def _address(name: str, url: str) -> str:
    """An address of the web; anything else, a file first of all, is no way to reach people."""
    parts = urlsplit(url)
    if (
        parts.scheme not in {"http", "https"}
        or not parts.hostname
        or _is_link_local(parts.hostname)
    ):
        raise BadSettings(f"CHANNELS.{name}: expected an address like https://host/path")
    return url


def _is_link_local(host: str) -> bool:
    """Where clouds keep a machine's own secrets; a name is asked of nobody here."""
    try:
        return ip_address(host).is_link_local
    except ValueError:
        return False

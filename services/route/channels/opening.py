"""Which way does a channel lead? What the deployment allows, by the scheme of its target."""

from collections.abc import Callable, Mapping
from ipaddress import ip_address

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
from services.route.channels.mail import MailChannel
from services.route.channels.mail_server import is_mailbox, read_mail_server
from services.route.channels.paging import PAGERDUTY, AlertmanagerChannel, PagerDutyChannel
from services.route.channels.slack_bot import SLACK, SlackBotChannel
from services.route.channels.webhook import WebhookChannel
from stream.reach import NAMED_BY_US, PORTS, allowed
from stream.settings import BadSettings

LAST_PORT = 65_535
_LAYOUTS: Mapping[str, Layout] = {"slack": slack, "mattermost": mattermost, "teams": teams}
_SCHEMES = (
    "log:, an address, slack: slack-bot: mattermost: teams: telegram: pagerduty: alertmanager: "
    "mailto: or apprise:"
)


def open_channel(
    name: str, target: str, client: httpx.AsyncClient, secret: str, *, smtp: str = ""
) -> Channel:
    """The channel of a target of ``CHANNELS``; raises ``BadSettings`` with its name, no secret.

    ``slack:URL``, ``slack-bot:TOKEN/CHANNEL[@URL]``, ``mattermost:URL``, ``teams:URL``,
    ``telegram:TOKEN/CHAT[@URL]``, ``pagerduty:KEY[@URL]``, ``alertmanager:URL``,
    ``mailto:TO[,TO]`` through the server ``smtp``, ``apprise:URL``, ``log:``, or an address for a
    signed webhook.
    """
    if target == "log:":
        return JournalChannel()
    scheme, _, rest = target.partition(":")
    if scheme in {"http", "https"}:
        return WebhookChannel(client, _address(name, target), secret)
    if scheme in _LAYOUTS:
        return ChatWebhook(client, _address(name, rest), _LAYOUTS[scheme])
    if scheme == "mailto":
        return _mail(name, rest, smtp)
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


def _mail(name: str, rest: str, smtp: str) -> Channel:
    readers = rest.split(",")
    if not all(map(is_mailbox, readers)):
        raise BadSettings(f"CHANNELS.{name}: expected mailto:somebody@example.com, commas between")
    return MailChannel(read_mail_server(smtp), readers)


def _apprise(name: str, rest: str, _: httpx.AsyncClient) -> Channel:
    # not before somebody wants it: half a second and 30 MB
    from services.route.channels.apprise import open_apprise

    return open_apprise(name, rest)


_OTHERS: Mapping[str, Callable[[str, str, httpx.AsyncClient], Channel]] = {
    "telegram": _telegram,
    "slack-bot": _slack_bot,
    "pagerduty": _pagerduty,
    "alertmanager": _alertmanager,
    "apprise": _apprise,
}


def _address(name: str, url: str) -> str:
    """An address of the web; anything else, a file first of all, is no way to reach people."""
    if not _leads_somewhere(url):
        raise BadSettings(f"CHANNELS.{name}: expected an address like https://host/path")
    return url


def _leads_somewhere(url: str) -> bool:
    try:
        parts = httpx.URL(url)
    except httpx.InvalidURL:
        return False
    return (
        parts.scheme in PORTS
        and bool(parts.host)
        and (parts.port or 0) <= LAST_PORT
        and not _is_closed(parts.host)
    )


def _is_closed(host: str) -> bool:
    """An address where no channel may lead; where a name does is asked at every send."""
    try:
        return not allowed(NAMED_BY_US, str(ip_address(host)))
    except ValueError:
        return False

"""How does an alert reach everything else? Through Apprise, in a thread, as one line of text.

Apprise blocks and has no key against duplicates: a call that was given up may still arrive, and
come twice. It is told to give up first.
"""

import logging
from collections.abc import Callable
from urllib.parse import parse_qs

from apprise import Apprise, AppriseAsset, NotifyBase, NotifyType

from schemas.states import AlertState, PriorityBand
from services.route.channels.apprise_schemas import SCHEMAS
from services.route.channels.checked_connections import check_connections
from services.route.channels.threads import Threads
from services.route.domain.alerting import Undelivered
from services.route.domain.message import Message, Sending
from stream.settings import BadSettings

AT_ONCE = 5
CONNECT_SECONDS, READ_SECONDS = 1.5, 3.0
"""Both together end before the sender gives up."""

_TYPES = {PriorityBand.critical: NotifyType.FAILURE, PriorityBand.high: NotifyType.WARNING}
_OVER = {AlertState.resolved: NotifyType.SUCCESS, AlertState.acknowledged: NotifyType.INFO}
_UNHEARD = "\N{ZERO WIDTH SPACE}"

Notify = Callable[[str, NotifyType], bool]
"""Send a text; whether it was accepted."""


class AppriseChannel:
    """One service behind an Apprise URL."""

    def __init__(self, notify: Notify) -> None:
        self._notify, self._threads = notify, Threads(AT_ONCE)

    async def send(self, sending: Sending) -> str | None:
        """Send once; raises ``Undelivered`` where it must be tried again."""
        message = sending.message
        kind = _OVER.get(message.state) or _TYPES.get(message.severity, NotifyType.INFO)
        if not await self._threads.run(lambda: self._notify(text_of(message), kind)):
            raise Undelivered("not accepted")
        return None


def open_apprise(name: str, url: str) -> AppriseChannel:
    """The service of a URL; raises ``BadSettings`` with the channel's name alone."""
    expected = f"CHANNELS.{name}: expected apprise:URL of a service that speaks HTTP"
    schema, _, rest = url.partition("://")
    if schema.lower() not in SCHEMAS:
        raise BadSettings(f"{expected} (docs/call-somebody.md lists them)")
    if "template" in parse_qs(rest.partition("?")[2].lower(), keep_blank_values=True):
        raise BadSettings(f"{expected}, without a template of its own")
    check_connections()
    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)  # its lines quote addresses
    asset = AppriseAsset(async_mode=False, http_redirects=False, storage_mode="memory")
    service = Apprise.instantiate(url, asset=asset)
    if service is None:
        raise BadSettings(f"{expected}, got one that it does not understand")
    return AppriseChannel(_through(_hasty(service), asset))


def text_of(message: Message) -> str:
    """The line and its links; an ``@here`` or ``<!channel>`` in it calls nobody."""
    line = message.text.replace("@", f"@{_UNHEARD}").replace("<", f"<{_UNHEARD}")
    mine = message.mine
    links = [f"↗ {message.link}"] if message.link else []
    links += [f"{mine.label} {mine.url}"] if mine and mine.url else []
    return "\n".join([line, *links])


def _hasty(service: NotifyBase) -> NotifyBase:
    """One try, within our own time: retries and back-off are the sender's."""
    service.request_rate_per_sec = 0
    service.socket_connect_timeout, service.socket_read_timeout = CONNECT_SECONDS, READ_SECONDS
    service.retry = 0
    service.redirects = False
    return service


def _through(service: NotifyBase, asset: AppriseAsset) -> Notify:
    def notify(text: str, kind: NotifyType) -> bool:
        apprise = Apprise(asset=asset)
        apprise.add(service)
        return bool(apprise.notify(text, notify_type=kind, body_format="text"))

    return notify

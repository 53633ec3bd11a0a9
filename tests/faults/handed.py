"""What have providers been handed, and by whom? Their logs, read as alerts: nothing of our own."""

import base64
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tests.provider import Provider, Sent

CHANNELS = ("slack", "telegram", "pagerduty", "webhook", "alertmanager")
KEYED = frozenset({"pagerduty", "webhook", "alertmanager"})
"""Where the provider knows what it has already, by a key of the message."""
_CASE = re.compile(rb"https://posts\.example/([a-z0-9-]+)")


class Told(NamedTuple):
    """One alert at one level: a case's on a channel, before or after somebody took it."""

    channel: str
    case: str
    taken: bool


@dataclass(frozen=True)
class Copy:
    """Once that a provider took it: from whom, under which keys, and whether the sender heard."""

    sender: str
    keys: tuple[str, ...]
    heard: bool
    at: float


def told_of(sent: Sent) -> Told:
    """What a request is about."""
    found = _CASE.search(sent.body)
    assert found, f"no case in what came for {channel_of(sent)}"
    return Told(
        channel_of(sent), found[1].decode(), b"vera has it" in sent.body or _is_taken(sent.body)
    )


def _is_taken(body: bytes) -> bool:
    return b'"state":"acknowledged"' in body


def channel_of(sent: Sent) -> str:
    """The channel that it came for."""
    return sent.path.split("/")[1]


def sender_of(sent: Sent) -> str:
    """The replica that sent it; each has addresses with its own name."""
    kind, _, said = sent.headers["authorization"].partition(" ")
    assert kind == "Basic"
    return base64.b64decode(said).decode().partition(":")[0]


def copies(log: Iterable[Sent]) -> Mapping[Told, Sequence[Copy]]:
    """All that providers took, each with its copies in order."""
    found = defaultdict[Told, list[Copy]](list)
    for sent in log:
        if sent.answer.accepts:
            copy = Copy(sender_of(sent), sent.keys, sent.heard, sent.at)
            found[told_of(sent)].append(copy)
    return found


def targets(provider: Provider, replica: str) -> Mapping[str, str]:
    """``CHANNELS`` of one replica: the same places, under its own name."""
    base = provider.address.replace("http://", f"http://{replica}:x@")
    return {
        "slack": f"slack:{base}/slack",
        "telegram": f"telegram:bot/-7@{base}/telegram",
        "pagerduty": f"pagerduty:key@{base}/pagerduty",
        "webhook": f"{base}/webhook",
        "alertmanager": f"alertmanager:{base}/alertmanager",
    }


PATHS = {
    "slack": "/slack",
    "telegram": "/telegram/botbot/sendMessage",
    "pagerduty": "/pagerduty/v2/enqueue",
    "webhook": "/webhook",
    "alertmanager": "/alertmanager/api/v2/alerts",
}
"""Where the provider is asked, by channel."""

"""How does somebody say "mine" from a phone? What a button brings back and a link, both sealed.

A seal is one text of fixed lengths: the group's short id, when it ends, for a link what makes it
good for one use, and an HMAC over these and what they are for. No seal of one purpose, channel or
installation is good for another, and a button's fits into the 64 bytes that Telegram takes.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from urllib.parse import quote

import msgspec

LIFE = timedelta(days=3)
"""How long a button and a link are good, in real time: over a weekend."""
LINK = "link"
"""What a link is sealed for."""

_SHORT, _UNTIL, _MAC = 22, 6, 22
_NOBODYS = "no secret at all: what it seals is refused"


class Used(Exception):  # noqa: N818 - says what was found
    """A link was used before."""


class Once(msgspec.Struct, frozen=True, kw_only=True):
    """What makes a link good for one use, and until when that has to be remembered."""

    nonce: str
    until: datetime


class Seal(msgspec.Struct, frozen=True, kw_only=True):
    """Which group, until when; ``nonce`` is a link's own."""

    short: str
    until: datetime
    nonce: str = ""

    @property
    def once(self) -> Once:
        """The one use of a link."""
        return Once(nonce=self.nonce, until=self.until)


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """How phones reach route from one message on one channel; ``id`` is the message's.

    Without a ``button_secret`` the channel's provider brings no press back, without a
    ``link_secret`` there is no link.
    """

    address: str
    channel: str
    id: str
    until: datetime
    link_secret: str | None = None
    button_secret: str | None = None

    @property
    def hook(self) -> str:
        """Where a provider asks that is told so with each message."""
        return f"{self.address}/v1/callbacks/{quote(self.channel, safe='')}"

    def button(self, short: str) -> str | None:
        """What a press brings back; None where nobody would bring it."""
        if not self.button_secret:
            return None
        seal = Seal(short=short, until=self.until)
        return sealed(seal, self.button_secret, button_of(self.channel))

    def link(self, short: str) -> str | None:
        """The page that asks who it is; one link a message, the same at every attempt."""
        if not self.link_secret:
            return None
        own = _digest(self.link_secret, f"nonce of {self.channel}", self.id)
        seal = Seal(short=short, until=self.until, nonce=_text(own))
        return f"{self.address}/a/{sealed(seal, self.link_secret, LINK)}"


class Phones(msgspec.Struct, frozen=True, kw_only=True):
    """Where phones reach route, and the secrets of it; the first seals, all of them open."""

    address: str = ""
    link_secrets: tuple[str, ...] = ()
    callback_secrets: Mapping[str, tuple[str, ...]] = {}

    def reach(self, channel: str, message_id: str, real_now: datetime) -> Reach | None:
        """For one message; None where phones reach nothing."""
        if not self.address:
            return None
        return Reach(
            address=self.address,
            channel=channel,
            id=message_id,
            until=real_now + LIFE,
            link_secret=next(iter(self.link_secrets), None),
            button_secret=next(iter(self.callback_secrets.get(channel, ())), None),
        )


def button_of(channel: str) -> str:
    """What the buttons of a channel are sealed for."""
    return f"button of {channel}"


def short_of(key: str) -> str:
    """The short id of a group: 22 characters of its key's digest."""
    return _text(sha256(key.encode()).digest())


def short_of_digest(digest: str) -> str:
    """The same by the digest in hex, as PagerDuty knows a group whose key is long."""
    return _text(bytes.fromhex(digest))


def sealed(seal: Seal, secret: str, purpose: str) -> str:
    """The seal as a text of an address, good for this purpose alone."""
    until = urlsafe_b64encode(int(seal.until.timestamp()).to_bytes(4, "big")).decode()[:_UNTIL]
    said = f"{seal.short}{until}{seal.nonce}"
    return said + _text(_digest(secret, purpose, said))


def opened(token: str, secrets: Iterable[str], purpose: str) -> Seal | None:
    """What was sealed for this purpose, ended or not; None for what none of the secrets sealed.

    The same work whatever is wrong with it; an empty secret is none.
    """
    said, given = token[:-_MAC], token[-_MAC:].encode("utf-8", "surrogatepass")
    live = [secret for secret in secrets if secret]
    fits = [
        hmac.compare_digest(given, _text(_digest(secret, purpose, said)).encode())
        for secret in live or [_NOBODYS]
    ]
    if not live or not any(fits):
        return None
    until = urlsafe_b64decode(said[_SHORT : _SHORT + _UNTIL] + "==")
    return Seal(
        short=said[:_SHORT],
        until=datetime.fromtimestamp(int.from_bytes(until, "big"), UTC),
        nonce=said[_SHORT + _UNTIL :],
    )


def _digest(secret: str, purpose: str, said: str) -> bytes:
    signed = f"{purpose}\n{said}".encode("utf-8", "surrogatepass")
    return hmac.digest(secret.encode(), signed, "sha256")


def _text(digest: bytes) -> str:
    """128 bits of a digest, as half of an HMAC may be told (RFC 2104, 5)."""
    return urlsafe_b64encode(digest[:16]).decode()[:_SHORT]

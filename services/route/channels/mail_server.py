"""Which server takes our mail? One of ``SMTP_URL``, spoken to in TLS unless it says otherwise."""

import re
import ssl
from enum import Enum
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

import msgspec

from stream.settings import BadSettings

_EXPECTED = (
    "SMTP_URL: expected smtp://user:password@host:587?from=otklik@example.com&tls=starttls "
    "(smtps:// for TLS from the start, tls=none for a server without users)"
)
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
"""A mailbox in ASCII without quoting: what an operator writes, and nothing that ends a header."""


class Tls(Enum):
    """How a connection is kept from listeners."""

    implicit = "implicit"
    starttls = "starttls"
    none = "none"


_PORTS = {Tls.implicit: 465, Tls.starttls: 587, Tls.none: 25}


class MailServer(msgspec.Struct, frozen=True, kw_only=True):
    """Where mail is handed in, and as whom."""

    host: str
    port: int
    sender: str
    tls: Tls
    user: str | None = None
    password: str | None = None
    trust: ssl.SSLContext | None = None


def read_mail_server(url: str) -> MailServer:
    """The server of a URL; raises ``BadSettings`` with nothing of it, a password least of all."""
    try:
        parts = urlsplit(url)
        found = MailServer(
            host=parts.hostname or "",
            port=parts.port or _PORTS[_tls(parts)],
            sender=_one(parts, "from"),
            tls=_tls(parts),
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
        )
    except (ValueError, KeyError):
        raise BadSettings(_EXPECTED) from None  # its words may quote the password
    is_heard = found.user is not None and found.tls is Tls.none
    if not found.host or is_heard or not is_mailbox(found.sender):
        raise BadSettings(_EXPECTED)
    return found


def is_mailbox(text: str) -> bool:
    """Is it one plain address?"""
    return len(text) <= 254 and _ADDRESS.fullmatch(text) is not None


def _tls(parts: SplitResult) -> Tls:
    if parts.scheme == "smtps":
        return Tls.implicit
    if parts.scheme != "smtp":
        raise ValueError(parts.scheme)
    return Tls(parse_qs(parts.query).get("tls", [Tls.starttls.value])[0])


def _one(parts: SplitResult, name: str) -> str:
    asked = parse_qs(parts.query)
    if asked.keys() - {"from", "tls"}:
        raise KeyError(*asked)
    (found,) = asked[name]
    return found

"""Where may a client connect? By the addresses a name resolves to, whatever its notation.

A reach is a parameter of ``stream.pinned``, which asks it about every address it connects to.
"""

from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import msgspec

PORTS = {"http": 80, "https": 443}
"""The schemes that are spoken, each with its usual port."""

Address = IPv4Address | IPv6Address

_NAT64 = ip_network("64:ff9b::/96")
_UNICAST = ip_network("2000::/3")
_INSIDE = (ip_network("192.0.0.0/24"), ip_network("168.63.129.16/32"))
"""Public by their number only: protocol assignments, and the host beneath an Azure machine."""

_METADATA = (
    *_INSIDE,
    ip_network("100.100.100.200/32"),
    ip_network("fd00:ec2::/32"),
    ip_network("fd20:ce::/32"),
)
"""Where clouds tell a machine its secrets, beside the link-local addresses."""

_TRANSLATED = (ip_network("64:ff9b:1::/48"), ip_network("::ffff:0:0:0/96"))
"""IPv6 that may lead to any IPv4 address."""


class Forbidden(Exception):  # noqa: N818 - says what was refused
    """The address is out of reach; nothing was sent there."""


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """Which addresses may be connected to; ``ports`` and credentials where they are bound too."""

    what: str
    allows: Callable[[Address], bool]
    ports: frozenset[int] | None = None
    credentials: bool = True


class Destination(msgspec.Struct, frozen=True, kw_only=True):
    """A server on the web, by name or address."""

    scheme: str
    host: str
    port: int | None = None
    credentials: bool = False


def allowed(reach: Reach, address: str) -> bool:
    """Is it within reach, also once an IPv4 address is taken out of an IPv6 one?"""
    try:
        return reach.allows(_innermost(ip_address(address)))
    except ValueError:
        return False


def port_of(reach: Reach, to: Destination) -> int:
    """The port to connect to; raises ``Forbidden`` for what is no plain address of the web."""
    if to.scheme not in PORTS or not to.host:
        raise Forbidden(f"expected http or https and a host, got {to.scheme or 'nothing'}")
    if to.credentials and not reach.credentials:
        raise Forbidden(f"{to.host}: expected an address without a user or a password")
    port = to.port or PORTS[to.scheme]
    if reach.ports is not None and port not in reach.ports:
        ports = " or ".join(map(str, sorted(reach.ports)))
        raise Forbidden(f"{to.host}: expected port {ports}, got {port}")
    return port


def pinned(reach: Reach, host: str, found: Sequence[str]) -> Sequence[str]:
    """The addresses of a host, all of them within reach; raises ``Forbidden``."""
    if not found or not all(allowed(reach, address) for address in found):
        raise Forbidden(f"{host}: expected {reach.what} only")
    return found


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv6Address):
        return address.is_global and address in _UNICAST
    return (
        address.is_global
        and not address.is_multicast
        and not any(address in net for net in _INSIDE)
    )


def _keeps_no_secrets(address: Address) -> bool:
    closed = (*_METADATA, *_TRANSLATED)
    return not address.is_link_local and not any(address in net for net in closed)


def _innermost(address: Address) -> Address:
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


PUBLIC_WEB = Reach(
    what="public addresses",
    allows=_is_public,
    ports=frozenset(PORTS.values()),
    credentials=False,
)
"""For what anybody may have named: the public web and nothing inside."""

NAMED_BY_US = Reach(what="addresses that keep no machine's secrets", allows=_keeps_no_secrets)
"""For what the deployment names: also a private address, never a cloud's metadata."""

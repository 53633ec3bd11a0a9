"""Where may a poller connect? To the public web alone, whatever a name resolves to (P12)."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import msgspec

PORTS = {"http": 80, "https": 443}
"""The schemes that are spoken, each with its usual port; no other port is opened."""

_NAT64 = ip_network("64:ff9b::/96")
_UNICAST = ip_network("2000::/3")
_INSIDE = (ip_network("192.0.0.0/24"), ip_network("168.63.129.16/32"))
"""Public by their number only: protocol assignments, and the host beneath an Azure machine."""


class Forbidden(Exception):  # noqa: N818 - says what was refused
    """The address is not public; nothing was sent there."""


class Destination(msgspec.Struct, frozen=True, kw_only=True):
    """A server on the web, by name or address."""

    scheme: str
    host: str
    port: int | None = None
    credentials: bool = False


def allowed(address: str) -> bool:
    """Is it a public unicast address, also once an IPv4 address is taken out of an IPv6 one?"""
    try:
        found = _innermost(ip_address(address))
    except ValueError:
        return False
    if isinstance(found, IPv6Address):
        return found.is_global and found in _UNICAST
    return found.is_global and not found.is_multicast and not any(found in net for net in _INSIDE)


def port_of(to: Destination) -> int:
    """The port to connect to; raises ``Forbidden`` for what is no plain address of the web."""
    if to.scheme not in PORTS or not to.host:
        raise Forbidden(f"expected http or https and a host, got {to.scheme or 'nothing'}")
    if to.credentials:
        raise Forbidden(f"{to.host}: expected an address without a user or a password")
    port = to.port or PORTS[to.scheme]
    if port not in PORTS.values():
        raise Forbidden(f"{to.host}: expected port 80 or 443, got {port}")
    return port


def pinned(host: str, found: Sequence[str]) -> Sequence[str]:
    """The addresses of a host, all of them public; raises ``Forbidden``."""
    if not found or not all(map(allowed, found)):
        raise Forbidden(f"{host}: expected public addresses only")
    return found


def _innermost(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address

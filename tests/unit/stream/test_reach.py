"""What is within reach is decided by the address, in whatever notation it comes.

The inputs that break the easy version: a loopback address inside an IPv6 one, a multicast address
that the library calls global, one private address among public ones; for what the deployment names,
a cloud's metadata in a private range, or inside an IPv6 address.
"""

import pytest

from stream.reach import (
    NAMED_BY_US,
    PUBLIC_WEB,
    Destination,
    Forbidden,
    allowed,
    pinned,
    port_of,
)

INSIDE = (
    "::ffff:127.0.0.1",
    "224.0.1.1",
    "169.254.169.254",
    "127.0.0.1",
    "0.0.0.0",  # noqa: S104 - an address to refuse, not to bind
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "100.100.100.200",
    "192.0.0.192",
    "192.0.2.1",
    "198.18.0.1",
    "255.255.255.255",
    "168.63.129.16",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:0:127.0.0.1",
    "::ffff:10.0.0.1",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "2002:a9fe:a9fe::1",
    "2001:0:7f00:1::1",
    "64:ff9b::127.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "fd00:ec2::254",
    "",
    "feeds.example",
    "127.1",
)
OUTSIDE = (
    "93.184.215.14",
    "5.255.255.77",
    "::ffff:93.184.215.14",
    "64:ff9b::5.255.255.77",
    "2002:5dd:d70e::1",
    "2a02:6b8::2:242",
)

METADATA = (
    "169.254.169.254",
    "169.254.170.2",
    "::ffff:169.254.169.254",
    "2002:a9fe:a9fe::1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::a9fe:a9fe",
    "::ffff:0:169.254.169.254",
    "fe80::1",
    "fe80::1%eth0",
    "100.100.100.200",
    "::ffff:100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "fd00:ec2::254",
    "fd20:ce::254",
    "metadata.example",
    "",
)
OURS = (
    "127.0.0.1",
    "::1",
    "10.0.0.7",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "::ffff:10.0.0.7",
    "fd12:3456:789a::1",
    *OUTSIDE,
)


@pytest.mark.parametrize("address", METADATA)
def test_where_a_machine_keeps_its_secrets_nobody_leads_us(address: str) -> None:
    assert not allowed(NAMED_BY_US, address)
    assert not allowed(PUBLIC_WEB, address)


@pytest.mark.parametrize("address", OURS)
def test_what_the_deployment_names_may_be_inside(address: str) -> None:
    assert allowed(NAMED_BY_US, address)


def test_what_the_deployment_names_has_any_port_and_may_have_a_user() -> None:
    to = Destination(scheme="http", host="alertmanager", port=9093, credentials=True)

    assert port_of(NAMED_BY_US, to) == 9093


@pytest.mark.parametrize("scheme", ["file", "gopher", "unix", ""])
def test_what_the_deployment_names_speaks_http_all_the_same(scheme: str) -> None:
    with pytest.raises(Forbidden, match="expected http or https"):
        port_of(NAMED_BY_US, Destination(scheme=scheme, host="alertmanager"))


@pytest.mark.parametrize("address", INSIDE)
def test_what_is_inside_is_refused(address: str) -> None:
    assert not allowed(PUBLIC_WEB, address)


@pytest.mark.parametrize("address", OUTSIDE)
def test_what_is_public_is_allowed(address: str) -> None:
    assert allowed(PUBLIC_WEB, address)


@pytest.mark.parametrize("found", [[], ["93.184.215.14", "10.0.0.1"], ["::1", "93.184.215.14"]])
def test_a_host_is_public_only_with_all_its_addresses(found: list[str]) -> None:
    with pytest.raises(Forbidden, match=r"feeds\.example: expected public addresses only"):
        pinned(PUBLIC_WEB, "feeds.example", found)


@pytest.mark.parametrize(
    "to",
    [
        Destination(scheme="file", host="feeds.example"),
        Destination(scheme="gopher", host="feeds.example", port=80),
        Destination(scheme="", host=""),
        Destination(scheme="https", host=""),
        Destination(scheme="http", host="feeds.example", port=8080),
        Destination(scheme="https", host="feeds.example", port=9092),
        Destination(scheme="https", host="feeds.example", credentials=True),
    ],
)
def test_only_the_web_without_credentials_is_spoken(to: Destination) -> None:
    with pytest.raises(Forbidden, match="expected"):
        port_of(PUBLIC_WEB, to)


def test_a_scheme_has_its_port() -> None:
    assert port_of(PUBLIC_WEB, Destination(scheme="http", host="a")) == 80
    assert port_of(PUBLIC_WEB, Destination(scheme="https", host="a")) == 443
    assert port_of(PUBLIC_WEB, Destination(scheme="http", host="a", port=443)) == 443

"""A web server on loopback that stands where public addresses lead, with what it was asked."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from services.ingest.pollers.fetch import web_client
from stream.pinned import PinnedTransport
from stream.reach import PUBLIC_WEB
from tests.unit.ingest.deliveries import NOW

PUBLIC = "93.184.215.14"
"""An address that names lead to in these tests."""


def reply(status: int = 200, body: bytes = b"", **headers: str) -> bytes:
    """A whole answer; an underscore in a header's name is a minus sign."""
    lines = [f"HTTP/1.1 {status} said"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    lines += [f"content-length: {len(body)}", "connection: close"]
    return "\r\n".join([*lines, "", ""]).encode() + body


class Asked:
    """One request as it came."""

    def __init__(self, text: str, body: bytes) -> None:
        first, *lines = text.split("\r\n")
        self.method, self.path, _ = first.split(" ")
        pairs = (line.partition(": ") for line in lines if line)
        self.headers = {name.lower(): value for name, _, value in pairs}
        self.body = body


class Site:
    """Answers by path, the last of several for ever; a path without an answer never gets one."""

    def __init__(self, answers: Mapping[str, bytes | Sequence[bytes]]) -> None:
        self._answers = {
            path: [one] if isinstance(one, bytes) else list(one) for path, one in answers.items()
        }
        self.asked: list[Asked] = []
        self.names: list[str | None] = []
        self.visits: list[asyncio.Task[None]] = []
        self.port = 0

    def visited(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Somebody connected."""
        self.visits.append(asyncio.create_task(self._serve(reader, writer)))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._answer(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # who has seen enough hangs up
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().removesuffix("\r\n\r\n")
        asked = Asked(head, b"")
        asked.body = await reader.readexactly(int(asked.headers.get("content-length", 0)))
        self.asked.append(asked)
        answers = self._answers.get(asked.path)
        if answers is None:
            await reader.read()  # until the client has given up
        else:
            writer.write(answers.pop(0) if len(answers) > 1 else answers[0])
            await writer.drain()

    def named(self, _: ssl.SSLObject, name: str | None, __: ssl.SSLContext) -> None:
        """TLS was begun for that name."""
        self.names.append(name)


class Leading(httpx.AsyncBaseTransport):
    """The network: whatever address a connection is opened to, it leads to the site."""

    def __init__(self, site: Site, verify: ssl.SSLContext | None = None) -> None:
        self._site = site
        self._inner = httpx.AsyncHTTPTransport(verify=verify or ssl.create_default_context())
        self.opened: list[str] = []
        self.refusing: set[str] = set()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.opened.append(request.url.host)
        if request.url.host in self.refusing:
            raise httpx.ConnectError("refused")
        request.url = request.url.copy_with(host="127.0.0.1", port=self._site.port)
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()


class Names:
    """A resolver: each answer for a host once, the last for ever."""

    def __init__(self, **known: Sequence[Sequence[str]]) -> None:
        self._known = {host.replace("_", "."): list(answers) for host, answers in known.items()}
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        if host[0].isdecimal() or ":" in host:
            return [host]
        answers = self._known.get(host, [[PUBLIC]])
        return answers.pop(0) if len(answers) > 1 else answers[0]


class Hands:
    """A clock that is moved by hand."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def real(self) -> datetime:
        return self.at


@asynccontextmanager
async def served(site: Site, tls: ssl.SSLContext | None = None) -> AsyncIterator[Site]:
    """The site, listening."""
    if tls:
        tls.sni_callback = site.named
    server = await asyncio.start_server(site.visited, "127.0.0.1", 0, ssl=tls)
    site.port = server.sockets[0].getsockname()[1]
    async with server:
        yield site
    await asyncio.gather(*site.visits)


def web(network: httpx.AsyncBaseTransport, names: Names | None = None) -> httpx.AsyncClient:
    """The pollers' own client over that network."""
    return web_client(PinnedTransport(network, PUBLIC_WEB, ask=names or Names()))


def certified(folder: Path, *names: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's and a client's TLS, by a certificate for those names alone."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    alternatives = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW - timedelta(days=3650))
        .not_valid_after(NOW + timedelta(days=3650))
        .add_extension(alternatives, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    pem, private = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    file.write_bytes(
        key.private_bytes(pem, private, serialization.NoEncryption())
        + certificate.public_bytes(pem)
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    return server, ssl.create_default_context(cafile=str(file))

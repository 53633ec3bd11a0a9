"""Everything else is reached through Apprise, over HTTP alone, and keeps nobody waiting.

The inputs that break the easy version: a service that hangs while others send; two services in one
URL; one that runs a program or reads a file; a name that is rebound to the metadata address; a
redirect there; a secret in an address that is refused; ``@here`` in what others wrote.
"""

import ast
import asyncio
import inspect
import logging
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from apprise import NotifyBase, NotifyType
from apprise.apprise import N_MGR
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from schemas.states import AlertState, PriorityBand
from services.route.channels import checked_connections
from services.route.channels.apprise import AT_ONCE, AppriseChannel, open_apprise, text_of
from services.route.channels.apprise_schemas import SCHEMAS
from services.route.channels.delivering import SEND_SECONDS, Channel
from services.route.channels.opening import open_channel
from services.route.domain.alerting import Undelivered
from services.route.domain.message import Message, Mine, Sending
from stream.settings import BadSettings
from tests.provider import FAILS, Answer, Provider
from tests.unit.ingest.pollers.site import certified
from tests.unit.route.test_message import NIGHT, STOLEN, alert

# Apprise itself imports a module that Python 3.13 has no more
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

SECRET = "hunter2"
LINK = "https://vk.com/wall-1_2?a=1&b=2"
METADATA = "169.254.169.254"


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    """Other tests connect as they always did, and hear what Apprise says."""
    yield
    HTTPConnectionPool.ConnectionCls = HTTPConnection
    HTTPSConnectionPool.ConnectionCls = HTTPSConnection
    logging.getLogger("apprise").setLevel(logging.NOTSET)


@pytest.fixture
def provider() -> Iterator[Provider]:
    with Provider() as found:
        yield found


def told(text: str = STOLEN["ru"], **changes: Any) -> Message:
    message = Message(text=text, state=AlertState.raised, severity=PriorityBand.critical, link=LINK)
    return msgspec.structs.replace(message, **changes)


def sending(message: Message | None = None) -> Sending:
    return Sending(id="m1", alert=alert(STOLEN["ru"]), message=message or told(), at=NIGHT)


def opened(address: str) -> Channel:
    return open_channel("care", f"apprise:{address}", httpx.AsyncClient(), "")


def at(provider: Provider, path: str = "hook") -> str:
    return f"{provider.address.replace('http', 'json')}/{path}"


@pytest.mark.parametrize("text", list(STOLEN.values()))
async def test_the_line_arrives_in_every_language(provider: Provider, text: str) -> None:
    await opened(at(provider)).send(sending(told(text)))

    (sent,) = provider.accepted()
    assert sent.json["message"] == f"{text}\n↗ {LINK}"
    assert sent.json["type"] == "failure"


@pytest.mark.parametrize("answer", [FAILS, Answer(404), Answer(302, {"location": "/elsewhere"})])
async def test_a_refusal_is_tried_again_once_a_turn_and_a_redirect_is_one(
    provider: Provider, answer: Answer
) -> None:
    provider.tells("/hook", answer)

    with pytest.raises(Undelivered, match=r"^not accepted$"):
        await opened(f"{at(provider)}?retry=5&redirect=yes&pass={SECRET}").send(sending())

    assert len(provider.log()) == 1


async def test_many_in_a_row_are_not_slowed_down(provider: Provider) -> None:
    channel = opened(f"{provider.address.replace('http', 'ntfy')}/care")

    async with asyncio.timeout(SEND_SECONDS):
        for _ in range(3):
            await channel.send(sending())

    assert len(provider.accepted()) == 3


class Hanging:
    """A call that blocks its thread until it is let go."""

    def __init__(self) -> None:
        self.go, self.calls = threading.Event(), 0

    def __call__(self, text: str, kind: NotifyType) -> bool:
        self.calls += 1
        return self.go.wait(2)


async def test_what_hangs_holds_up_no_loop_and_does_not_pile_up() -> None:
    hanging = Hanging()
    channel = AppriseChannel(hanging)

    given_up = [asyncio.create_task(channel.send(sending())) for _ in range(AT_ONCE)]
    await asyncio.sleep(0)
    for task in given_up:
        task.cancel()
    await asyncio.wait(given_up)
    with pytest.raises(Undelivered, match="too many calls hang"):
        await channel.send(sending())
    assert all(thread.daemon for thread in threading.enumerate() if thread.name == "channel")

    hanging.go.set()
    for thread in threading.enumerate():
        if thread.name == "channel":
            thread.join()
    await asyncio.sleep(0)
    await channel.send(sending())
    assert hanging.calls == AT_ONCE + 1


async def test_what_is_raised_there_is_tried_again_and_its_words_are_kept_to_itself() -> None:
    def fail(text: str, kind: NotifyType) -> bool:
        raise ValueError(f"https://host/{SECRET}")

    with pytest.raises(Undelivered) as refused:
        await AppriseChannel(fail).send(sending())

    assert SECRET not in str(refused.value)
    assert refused.value.__cause__ is None


async def test_a_name_that_is_rebound_to_the_metadata_address_is_refused(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [["127.0.0.1"], ["127.0.0.1", METADATA]]
    monkeypatch.setattr(checked_connections, "addresses", lambda *_: answers.pop(0))
    channel = opened(at(provider).replace("127.0.0.1", "chat.example"))

    await channel.send(sending())
    with pytest.raises(Undelivered):
        await channel.send(sending())

    (sent,) = provider.log()
    assert sent.headers["host"].startswith("chat.example:")


async def test_the_next_address_is_tried_where_one_does_not_let_us_connect(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checked_connections, "addresses", lambda *_: ["127.9.9.9", "127.0.0.1"])

    await opened(at(provider).replace("127.0.0.1", "chat.example")).send(sending())

    assert len(provider.accepted()) == 1


@pytest.mark.parametrize("host", [METADATA, "2852039166", "0xa9fea9fe", f"[::ffff:{METADATA}]"])
@pytest.mark.parametrize("schema", ["json", "jsons"])
async def test_the_metadata_address_is_refused_in_any_notation(schema: str, host: str) -> None:
    checked_connections.check_connections()
    pool = {"json": HTTPConnectionPool, "jsons": HTTPSConnectionPool}[schema]

    with pytest.raises(Exception, match="Forbidden"):
        pool(host.strip("[]"), 80, retries=False).request("GET", "/")


def test_tls_is_spoken_with_the_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checked_connections, "addresses", lambda *_: ["127.0.0.1"])
    server, client = certified(tmp_path, "chat.example")
    names: list[str | None] = []
    server.sni_callback = lambda _, name, __: names.append(name)
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]

    def serve() -> None:
        with (
            listening,
            listening.accept()[0] as raw,
            server.wrap_socket(raw, server_side=True) as tls,
        ):
            tls.recv(4096)
            tls.sendall(b"HTTP/1.1 204 said\r\nconnection: close\r\n\r\n")

    thread = threading.Thread(target=serve)
    thread.start()
    checked_connections.check_connections()
    answer = HTTPSConnectionPool("chat.example", port, ssl_context=client, retries=False).request(
        "GET", "/"
    )
    thread.join()

    assert answer.status == 204
    assert names == ["chat.example"]


@pytest.mark.parametrize(
    "address",
    [
        f"file:///etc/{SECRET}",
        f"dbus://{SECRET}",
        f"syslog://{SECRET}",
        f"windows://{SECRET}",
        f"macosx://{SECRET}",
        f"gnome://{SECRET}",
        f"glib://{SECRET}",
        f"kde://{SECRET}",
        f"qt://{SECRET}",
        f"mailto://user:{SECRET}@example.com",
        "syslog://",
        f"mqtt://{SECRET}@host",
        f"unheard-of://{SECRET}",
        f"json:{SECRET}",
        f"json://?{SECRET}",
        f"discord://{SECRET}",
        f"workflows://host:443/a/b/?Template=file:///etc/{SECRET}",
        SECRET,
        "",
    ],
)
def test_what_is_no_service_on_the_web_is_refused_without_a_word_of_it(
    address: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(BadSettings, match=r"^CHANNELS\.care: expected apprise:URL") as refused:
        opened(address)

    assert SECRET not in str(refused.value)
    assert SECRET not in caplog.text


async def test_two_services_in_one_address_are_one(provider: Provider) -> None:
    second = at(provider, "second")
    channel = open_apprise("care", f"{at(provider, 'first')}, {second}")

    await channel.send(sending())

    assert len(provider.log()) == 1


def test_only_http_is_spoken_by_what_is_allowed() -> None:
    """A newer Apprise may change how a service is reached."""
    spoken = {schema: _imports(N_MGR[schema]) for schema in sorted(SCHEMAS)}
    local = {"asyncio", "ctypes", "dbus", "gi", "paho", "smtplib", "socket", "ssl", "subprocess"}

    assert {schema: found & local for schema, found in spoken.items() if found & local} == {}
    assert [schema for schema, found in spoken.items() if "requests" not in found] == []


def _imports(plugin: type) -> set[str]:
    found: set[str] = set()
    for one in plugin.__mro__:
        if one.__module__.startswith("apprise.plugins.") and one is not NotifyBase:
            tree = ast.parse(Path(inspect.getfile(one)).read_text(encoding="utf-8"))
            for node in ast.walk(tree):
                if isinstance(node, ast.Import):
                    found |= {alias.name.partition(".")[0] for alias in node.names}
    return found


@pytest.mark.parametrize(
    ("state", "severity", "kind"),
    [
        ("raised", PriorityBand.critical, NotifyType.FAILURE),
        ("updated", PriorityBand.high, NotifyType.WARNING),
        ("raised", PriorityBand.normal, NotifyType.INFO),
        ("acknowledged", PriorityBand.critical, NotifyType.INFO),
        ("resolved", PriorityBand.critical, NotifyType.SUCCESS),
    ],
)
async def test_how_bad_it_is_is_told(state: str, severity: PriorityBand, kind: NotifyType) -> None:
    kinds: list[NotifyType] = []

    def note(text: str, kind: NotifyType) -> bool:
        kinds.append(kind)
        return True

    message = told(state=AlertState(state), severity=severity)
    await AppriseChannel(note).send(sending(message))

    assert kinds == [kind]


def test_nobody_is_called_by_what_others_wrote() -> None:
    mine = Mine(label="Моё", token="t", url="https://route.example/ack")
    text = text_of(told("<!channel> @here <@U1> @everyone", mine=mine))

    line, *links = text.splitlines()
    assert not any(call in line for call in ("<!", "<@", "@here", "@everyone"))
    assert links == [f"↗ {LINK}", "Моё https://route.example/ack"]

"""A letter per message, a thread per group, through a real SMTP server.

The inputs that break the easy version: a line break and ``Bcc:`` in what others wrote; markup in
it; the same message twice; a server that refuses for now, for good, or one reader of two; one that
hangs up after the letter; one that cannot speak TLS; a name that leads to the metadata address.
"""

import asyncio
import email
import logging
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from schemas.states import AlertState, PriorityBand
from services.route.channels.mail import SUBJECT, MailChannel, letter_of
from services.route.channels.mail_server import MailServer, Tls, read_mail_server
from services.route.channels.opening import open_channel
from services.route.domain.alerting import Undelivered
from services.route.domain.message import Message, Mine, Sending, message_of
from stream.settings import BadSettings
from tests.unit.ingest.pollers.site import certified
from tests.unit.route.test_message import NIGHT, STOLEN, WORDS, about, alert

EVIL = "Стоп\r\nBcc: eve@evil.example\r\n\r\n<script>alert(1)</script>\u2028X-Evil: 1\x00 & co"
SENDER = "otklik@example.com"
READERS = ("anna@example.com", "boris@example.com")
PASSWORD = "hunter2"


@dataclass
class Post:
    """A post office: what it says to a reader and to a letter, and what it has taken."""

    to: dict[str, str] = field(default_factory=dict)
    data: str = "250 taken"
    taken: list[Envelope] = field(default_factory=list)
    users: list[bytes] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 - the name that the server asks for
        self, server: SMTP, session: Session, envelope: Envelope, reader: str, options: list[str]
    ) -> str:
        answer = self.to.get(reader, "250 known")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(reader)
        return answer

    async def handle_DATA(  # noqa: N802 - the name that the server asks for
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if self.data.startswith("250"):
            self.taken.append(envelope)
        return self.data

    def known(
        self, server: SMTP, session: Session, envelope: Envelope, how: str, who: Any
    ) -> AuthResult:
        self.users.append(who.login)
        return AuthResult(success=who.password == PASSWORD.encode(), handled=False)


@asynccontextmanager
async def open_office(post: Post, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    loop = asyncio.get_running_loop()

    def session() -> SMTP:
        if tls is None:
            return SMTP(post, hostname="mx", loop=loop)
        return SMTP(
            post,
            hostname="mx",
            loop=loop,
            tls_context=tls,
            authenticator=post.known,
            auth_required=True,
        )

    server = await loop.create_server(session, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


def channel(port: int, readers: Sequence[str] = READERS, **changes: Any) -> MailChannel:
    server = MailServer(host="127.0.0.1", port=port, sender=SENDER, tls=Tls.none)
    return MailChannel(msgspec.structs.replace(server, **changes), readers)


def sending(text: str = STOLEN["ru"], *, name: str = "m1", **changes: Any) -> Sending:
    told = Message(
        text=text,
        state=AlertState.raised,
        severity=PriorityBand.critical,
        link='https://vk.com/wall-1_2?a=1&b="2"',
    )
    one = Sending(id=name, alert=alert(STOLEN["ru"]), message=told, at=NIGHT)
    return msgspec.structs.replace(one, **changes)


def read(envelope: Envelope) -> EmailMessage:
    content = envelope.content
    assert isinstance(content, bytes)
    letter = email.message_from_bytes(content, policy=default)
    assert isinstance(letter, EmailMessage)
    return letter


def part(letter: EmailMessage, kind: str) -> str:
    body = letter.get_body((kind,))
    assert body is not None
    content = body.get_content()
    assert isinstance(content, str)
    return content


@pytest.mark.parametrize("text", list(STOLEN.values()))
async def test_a_letter_says_the_line_in_every_language(text: str) -> None:
    post = Post()
    async with open_office(post) as port:
        await channel(port).send(sending(text))

    letter = read(post.taken[0])
    assert letter["Subject"] == text
    assert part(letter, "plain").splitlines()[0] == text
    assert text in part(letter, "html")
    assert post.taken[0].mail_from == SENDER
    assert tuple(post.taken[0].rcpt_tos) == READERS
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Date"].datetime == NIGHT


@pytest.mark.parametrize(("lang", "mark"), [("ru", "УЧЕНИЕ"), ("bg", "УЧЕНИЕ"), ("en", "EXERCISE")])
def test_the_subject_of_an_exercise_says_so_first(lang: str, mark: str) -> None:
    one = alert(STOLEN[lang], exercise=True)
    told = message_of(one, about(lang), WORDS, NIGHT)

    letter = letter_of(sending(alert=one, message=told), SENDER, READERS)

    assert str(letter["Subject"]).startswith(f"{mark} · ")


async def test_what_others_wrote_becomes_no_header_and_no_markup() -> None:
    post = Post()
    async with open_office(post) as port:
        await channel(port).send(sending(EVIL))

    letter = read(post.taken[0])
    assert set(letter.keys()) == set(letter_of(sending(), SENDER, READERS).keys())
    assert (
        letter["Subject"] == "Стоп Bcc: eve@evil.example <script>alert(1)</script> X-Evil: 1 & co"
    )
    assert tuple(post.taken[0].rcpt_tos) == READERS
    assert "<script>" not in part(letter, "html")
    assert "&lt;script&gt;" in part(letter, "html")


@pytest.mark.parametrize("earlier", ["<m0@example.com>\r\nBcc: eve@evil.example", "nonsense", ""])
def test_a_receipt_that_is_no_message_id_starts_no_thread(earlier: str) -> None:
    letter = letter_of(sending(earlier=earlier), SENDER, READERS)

    assert letter["References"] is None
    assert letter["Bcc"] is None


async def test_the_same_message_is_the_same_letter_and_a_group_is_one_thread() -> None:
    post = Post()
    async with open_office(post) as port:
        first = await channel(port).send(sending(name="m1"))
        again = await channel(port).send(sending(name="m1"))
        other = await channel(port).send(sending(name="m2", earlier=first))

    letters = [read(envelope) for envelope in post.taken]
    assert first == again == letters[0]["Message-ID"] == letters[1]["Message-ID"]
    assert other == letters[2]["Message-ID"] != first
    assert letters[0]["References"] is None
    assert letters[2]["References"] == letters[2]["In-Reply-To"] == first


def test_an_id_of_any_form_makes_a_message_id() -> None:
    names = [
        letter_of(sending(name=name), SENDER, READERS)["Message-ID"]
        for name in ("a b", "a\r\nBcc: b", "<>", "x" * 999)
    ]

    assert len(set(names)) == 4
    assert all(name.endswith("@example.com>") and len(name) < 90 for name in names)


def test_a_long_line_is_cut_in_the_subject_alone() -> None:
    letter = letter_of(sending("Карта " * 100), SENDER, READERS)

    assert len(letter["Subject"]) == SUBJECT
    assert letter["Subject"].endswith("…")
    assert part(letter, "plain").count("Карта") == 100


def test_links_are_of_the_web_and_escaped() -> None:
    mine = Mine(label="Моё <b>", token="t", url="https://route.example/ack?a=1&b=2")
    told = msgspec.structs.replace(sending().message, mine=mine)
    html = part(letter_of(sending(message=told), SENDER, READERS), "html")

    assert 'href="https://vk.com/wall-1_2?a=1&amp;b=&quot;2&quot;"' in html
    assert 'href="https://route.example/ack?a=1&amp;b=2">Моё &lt;b&gt;</a>' in html

    script = msgspec.structs.replace(sending().message, link="javascript:alert(1)")
    letter = letter_of(sending(message=script), SENDER, READERS)
    assert "javascript" not in letter.as_string()


@pytest.mark.parametrize("answer", ["451 later", "550 never", "452 full"])
@pytest.mark.parametrize("where", ["reader", "letter"])
async def test_a_refusal_is_tried_again(answer: str, where: str) -> None:
    post = Post(data=answer) if where == "letter" else Post(to=dict.fromkeys(READERS, answer))
    async with open_office(post) as port:
        with pytest.raises(Undelivered, match=rf"^status {answer[:3]}$"):
            await channel(port).send(sending())

        post.data, post.to = "250 taken", {}
        await channel(port).send(sending())

    assert len(post.taken) == 1


async def test_one_reader_who_is_refused_keeps_no_other_waiting(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)  # the server of the test tells every line of its talk
    post = Post(to={"boris@example.com": "550 gone"})
    async with open_office(post) as port:
        receipt = await channel(port).send(sending())

    assert receipt == "<m1@example.com>"
    assert post.taken[0].rcpt_tos == ["anna@example.com"]
    said = [one.getMessage() for one in caplog.records if one.name.startswith("services.")]
    assert said == ["mail refused for some"]


async def test_a_server_that_is_away_is_tried_again() -> None:
    async with open_office(Post()) as port:
        pass

    with pytest.raises(Undelivered, match=r"^ConnectionRefusedError$"):
        await channel(port).send(sending())


async def test_a_server_that_hangs_up_after_the_letter_has_it() -> None:
    class Rude(Post):
        async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - the name that the server asks for
            raise AssertionError("expected nobody to ask")

    post = Rude()
    async with open_office(post) as port:
        assert await channel(port).send(sending())

    assert len(post.taken) == 1


async def test_tls_is_spoken_and_the_user_known(tmp_path: Path) -> None:
    ours, theirs = certified(tmp_path, "mail.example")
    post = Post()
    async with open_office(post, ours) as port:
        server = MailServer(
            host="mail.example",
            port=port,
            sender=SENDER,
            tls=Tls.starttls,
            user="otklik",
            password=PASSWORD,
            trust=theirs,
        )
        await MailChannel(server, READERS, ask=_here).send(sending())

        wrong = msgspec.structs.replace(server, password="wrong")
        with pytest.raises(Undelivered, match=r"^status 535$"):
            await MailChannel(wrong, READERS, ask=_here).send(sending())

        stranger = msgspec.structs.replace(server, host="other.example")
        with pytest.raises(Undelivered) as refused:
            await MailChannel(stranger, READERS, ask=_here).send(sending())

    assert len(post.taken) == 1
    assert set(post.users) == {b"otklik"}
    assert PASSWORD not in str(refused.value)


async def _here(host: str, port: int) -> Sequence[str]:
    return ["127.0.0.1"]


async def test_without_tls_nothing_is_handed_in_where_it_was_asked_for() -> None:
    post = Post()
    async with open_office(post) as port:
        with pytest.raises(Undelivered, match=r"^SMTPException$"):
            await channel(port, tls=Tls.starttls).send(sending())

    assert post.taken == []


async def test_a_server_that_leads_to_the_metadata_address_is_refused() -> None:
    async def ask(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.1", "169.254.169.254"]

    server = MailServer(host="mail.example", port=25, sender=SENDER, tls=Tls.none)
    with pytest.raises(Undelivered, match=r"^Forbidden$"):
        await MailChannel(server, READERS, ask=ask).send(sending())


@pytest.mark.parametrize(
    ("url", "port", "tls"),
    [
        ("smtp://a:b@host?from=o@example.com", 587, Tls.starttls),
        ("smtp://a:b@host:2525?from=o@example.com&tls=starttls", 2525, Tls.starttls),
        ("smtps://a:p%40ss@host?from=o@example.com", 465, Tls.implicit),
        ("smtp://host?from=o@example.com&tls=none", 25, Tls.none),
    ],
)
def test_a_server_is_read_from_one_url(url: str, port: int, tls: Tls) -> None:
    server = read_mail_server(url)

    assert (server.host, server.port, server.tls, server.sender) == (
        "host",
        port,
        tls,
        "o@example.com",
    )
    assert server.password in {None, "b", "p@ss"}


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://hunter2@host?from=o@example.com",
        "smtp://a:hunter2@host",
        "smtp://a:hunter2@host?from=o@example.com&tls=none",
        "smtp://a:hunter2@host?from=o@example.com&tls=maybe",
        "smtp://a:hunter2@host?from=o@example.com&bcc=eve@evil.example",
        "smtp://a:hunter2@host?from=o@example.com%0d%0aBcc:eve@evil.example",
        "smtp://a:hunter2@host:hunter2?from=o@example.com",
        "smtp://a:hunter2@?from=o@example.com",
    ],
)
def test_a_server_that_is_none_is_refused_without_a_word_of_it(url: str) -> None:
    with pytest.raises(BadSettings, match=r"^SMTP_URL: expected smtp://") as refused:
        read_mail_server(url)

    assert "hunter2" not in str(refused.value)
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


@pytest.mark.parametrize(
    "target",
    [
        "mailto:",
        "mailto:anna",
        "mailto:anna@example.com,",
        "mailto:anna@example.com?bcc=eve@evil.example",
        "mailto:anna@example.com\r\nBcc: eve@evil.example",
        "mailto:Anna <anna@example.com>",
    ],
)
def test_readers_are_plain_addresses(target: str) -> None:
    with pytest.raises(BadSettings, match=r"^CHANNELS\.care: expected mailto:"):
        open_channel("care", target, httpx.AsyncClient(), "", smtp="smtp://h?from=o@example.com")


def test_mail_needs_a_server() -> None:
    with pytest.raises(BadSettings, match=r"^SMTP_URL: expected"):
        open_channel("care", "mailto:anna@example.com", httpx.AsyncClient(), "")

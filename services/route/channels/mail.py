"""How does an alert reach a mailbox? One letter a message, all of a group in one thread.

The same message has the same Message-ID at every attempt, by which receivers drop the second. One
that a server took for some of its readers is delivered: who was refused is a line of the log.
"""

import hashlib
import logging
import re
from collections.abc import Sequence
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from email.utils import format_datetime
from html import escape

import aiosmtplib
from aiosmtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException

from services.route.channels.mail_server import MailServer, Tls
from services.route.domain.alerting import Undelivered
from services.route.domain.message import Message, Sending
from stream.pinned import Resolve, connected, resolve
from stream.reach import NAMED_BY_US, Forbidden

LOG = logging.getLogger(__name__)

SUBJECT = 150
"""So many characters of the line are the subject; the whole line is in the letter."""

SECONDS = 4.0
"""For one answer of the server: it should give up before its sender is given up."""

_NAME = re.compile(r"[A-Za-z0-9-]{1,64}")
_EARLIER = re.compile(r"<[A-Za-z0-9-]{1,64}@[A-Za-z0-9.-]{1,255}>")


class MailChannel:
    """Mailboxes, reached through one server."""

    def __init__(
        self, server: MailServer, readers: Sequence[str], *, ask: Resolve = resolve
    ) -> None:
        self._server, self._readers, self._ask = server, readers, ask

    async def send(self, sending: Sending) -> str | None:
        """Hand in once; the Message-ID. Raises ``Undelivered`` where it must be tried again."""
        letter = letter_of(sending, self._server.sender, self._readers)
        try:
            refused = await self._handed_in(letter)
        except SMTPRecipientsRefused as error:
            raise Undelivered(f"status {error.recipients[0].code}") from error
        except SMTPResponseException as error:
            raise Undelivered(f"status {error.code}") from error
        except (SMTPException, OSError, UnicodeError, Forbidden) as error:
            raise Undelivered(type(error).__name__) from error
        if refused:
            LOG.warning("mail refused for some", extra={"event_id": sending.id, "count": refused})
        return str(letter["Message-ID"])

    async def _handed_in(self, letter: EmailMessage) -> int:
        """For how many readers it was refused."""
        server = self._server
        smtp = aiosmtplib.SMTP(
            hostname=server.host,
            sock=await connected(NAMED_BY_US, server.host, server.port, ask=self._ask),
            timeout=SECONDS,
            local_hostname=_domain(server.sender),  # the library's own guess asks a resolver
            use_tls=server.tls is Tls.implicit,
            start_tls=server.tls is Tls.starttls,
            tls_context=server.trust,
            username=server.user,
            password=server.password,
        )
        try:
            await smtp.connect()
            refused, _ = await smtp.send_message(letter, sender=server.sender)
        finally:
            smtp.close()  # without a farewell: a server that says none would undo a delivery
        return len(refused)


def letter_of(sending: Sending, sender: str, readers: Sequence[str]) -> EmailMessage:
    """The letter; whatever stands in a message, it is one line of a header and plain text."""
    letter, message = EmailMessage(policy=WIRE), sending.message
    line = one_line(message.text)
    letter["From"], letter["To"] = sender, ", ".join(readers)
    letter["Subject"] = line if len(line) <= SUBJECT else f"{line[: SUBJECT - 1]}…"
    letter["Date"] = format_datetime(sending.at)
    letter["Message-ID"] = message_id(sending.id, sender)
    letter["Auto-Submitted"] = "auto-generated"
    if sending.earlier and _EARLIER.fullmatch(sending.earlier):
        letter["In-Reply-To"] = letter["References"] = sending.earlier
    links = _links(message)
    letter.set_content("\n\n".join([line, *(f"{label} {url}" for label, url in links)]) + "\n")
    letter.add_alternative(_html(line, links), subtype="html")
    return letter


def message_id(sending_id: str, sender: str) -> str:
    """The same for the same message."""
    is_plain = _NAME.fullmatch(sending_id)
    name = sending_id if is_plain else hashlib.sha256(sending_id.encode()).hexdigest()
    return f"<{name}@{_domain(sender)}>"


def _domain(mailbox: str) -> str:
    return mailbox.rpartition("@")[2]


def one_line(text: str) -> str:
    """The text without line breaks and signs that nobody sees."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _links(message: Message) -> list[tuple[str, str]]:
    found = [("↗", message.link)]
    if message.mine:
        found.append((one_line(message.mine.label), message.mine.url))
    return [
        (label, one_line(url))
        for label, url in found
        if url and url.startswith(("https://", "http://"))
    ]


def _html(line: str, links: Sequence[tuple[str, str]]) -> str:
    shown = (f'<p><a href="{escape(url)}">{escape(label)}</a></p>' for label, url in links)
    return "".join([f"<!doctype html><p>{escape(line)}</p>", *shown]) + "\n"

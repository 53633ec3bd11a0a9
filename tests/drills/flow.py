"""Who sends all the while, and what came of it? A platform, a caller of the API, and the ledger."""

import asyncio
import base64
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import msgspec

from schemas.decisions import Decision
from schemas.event import derive_id
from schemas.tickets import TicketEvent
from schemas.topics import DECISIONS, TICKETS
from services.route.channels.webhook import sign
from stream.reading import read_all
from stream.topic_admin import Cluster
from tests.security.sender import AGAIN, CLOCK, a_complaint

AT_ONCE = 4


@dataclass
class Sender:
    """Sends post after post, to one replica and then the other; its secret is in a file."""

    hooks: Sequence[str]
    secret: Path
    seed: str
    sent: int = 0
    accepted: set[str] = field(default_factory=set)
    again: int = 0
    refused: Counter[int] = field(default_factory=Counter)

    async def run(self, stop: asyncio.Event) -> None:
        """Until told to stop; what is in hand is finished."""
        async with httpx.AsyncClient(timeout=10) as client, asyncio.TaskGroup() as group:
            for number in range(AT_ONCE):
                group.create_task(self._send_on(client, number, stop))

    async def _send_on(self, client: httpx.AsyncClient, number: int, stop: asyncio.Event) -> None:
        while not stop.is_set():
            self.sent += 1
            post = derive_id(self.seed, "post", number, self.sent)[:18]
            await self._deliver(client, post, a_complaint(post))

    async def _deliver(self, client: httpx.AsyncClient, post: str, body: bytes) -> None:
        """Again under the same id until somebody has it, at the other replica each time."""
        for attempt in range(1000):
            hooks = self.hooks[(self.sent + attempt) % len(self.hooks)]
            key = base64.b64decode(self.secret.read_text().strip().removeprefix("whsec_"))
            headers = {
                **sign(key, f"msg-{post}", CLOCK.real(), body),
                "content-type": "application/json",
            }
            try:
                answer = await client.post(
                    f"{hooks}/v1/hooks/generic/bank", content=body, headers=headers
                )
            except httpx.TransportError:
                self.again += 1
                continue
            if answer.is_success:
                self.accepted.add(post)
                return
            if answer.status_code not in AGAIN:
                self.refused[answer.status_code] += 1
                return
            self.again += 1
        raise AssertionError(f"{post} was never answered")


@dataclass
class Caller:
    """Reads tickets all the while, with the token that its file holds."""

    api: Sequence[str]
    token: Path
    calls: int = 0
    refused: Counter[int] = field(default_factory=Counter)

    async def run(self, stop: asyncio.Event) -> None:
        """Until told to stop."""
        async with httpx.AsyncClient(timeout=10) as client:
            while not stop.is_set():
                answer = await self.ask(client, self.token.read_text().strip())
                self.calls += 1
                if not answer.is_success:
                    self.refused[answer.status_code] += 1

    async def ask(self, client: httpx.AsyncClient, token: str) -> httpx.Response:
        """One call with that token."""
        url = f"{self.api[self.calls % len(self.api)]}/v1/tickets?after=zzzz"
        return await client.get(url, headers={"authorization": f"Bearer {token}"})


@asynccontextmanager
async def flowing(*parts: Sender | Caller) -> AsyncIterator[None]:
    """All of them at work for as long as the block lasts."""
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for part in parts:
            group.create_task(part.run(stop))
        try:
            yield
        finally:
            stop.set()


class Ledger(msgspec.Struct, frozen=True, kw_only=True):
    """What was sent and what became of it."""

    sent: int
    again: int
    accepted: int
    refused: int
    routed: int
    lost: int
    duplicates: int

    def __str__(self) -> str:
        """One line for a person."""
        named = (f"{name.replace('_', ' ')} {value}" for name, value in _rows(self))
        return " · ".join(named)


def _rows(ledger: Ledger) -> Sequence[tuple[str, int]]:
    return [(name, getattr(ledger, name)) for name in Ledger.__struct_fields__]


async def ledger_of(cluster: Cluster, sender: Sender) -> Ledger:
    """Counted from the topics, once there are as many decisions as accepted posts."""
    decided: dict[str, set[str]] = {}
    records = await read_all(cluster, DECISIONS, at_least=len(sender.accepted))
    for record in records:
        decision = msgspec.json.decode(record.value or b"", type=Decision)
        decided.setdefault(decision.post_id, set()).add(decision.event_id)
    opened = Counter(
        event.post_id for event in await _openings(cluster) if event.post_id in sender.accepted
    )
    return Ledger(
        sent=sender.sent,
        again=sender.again,
        accepted=len(sender.accepted),
        refused=sender.refused.total(),
        routed=len(sender.accepted & decided.keys()),
        lost=len(sender.accepted - decided.keys()),
        duplicates=sum(len(ids) - 1 for ids in decided.values())
        + sum(count - 1 for count in opened.values()),
    )


async def _openings(cluster: Cluster) -> Sequence[TicketEvent]:
    """The first version of every ticket, each event once."""
    found: dict[str, TicketEvent] = {}
    for record in await read_all(cluster, TICKETS):
        if dict(record.headers)["ce_type"] == TicketEvent.__name__.encode():
            event = msgspec.json.decode(record.value or b"", type=TicketEvent)
            if event.ticket.version == 1:
                found[event.event_id] = event
    return list(found.values())

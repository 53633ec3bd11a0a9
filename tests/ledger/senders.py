"""Who sends? The platforms, until every delivery has its 2xx; and the people who close cases."""

import asyncio
import base64
import contextlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx
import msgspec
from aiokafka import AIOKafkaConsumer

from deploy.demo.settings import SECRET, TOKEN
from schemas.event import derive_id, header
from schemas.tickets import Ticket, TicketEvent
from schemas.topics import TICKETS
from services.route.channels.webhook import sign
from stream.clock import Clock
from tests.ledger.fleet import Fleet
from tests.ledger.naive import Said
from tests.ledger.story import Brand, Step, Story, payload, promised_by

AT_ONCE = 40
_SECRET = base64.b64decode(SECRET.removeprefix("whsec_"))
_PERSON = {"authorization": f"Bearer {TOKEN}"}


@dataclass
class Accepted:
    """What ingest said yes to: the ledger, kept outside the services."""

    revisions: set[tuple[str, str, int]] = field(default_factory=set)
    said: dict[int, list[Said]] = field(default_factory=dict)
    deliveries: int = 0
    repeated: int = 0
    refused: int = 0
    """With 503: it comes again, and nothing is lost by it."""


class Watcher:
    """The newest version of every ticket, as any subscriber sees it."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._tickets: dict[tuple[str, int], Ticket] = {}
        self._news = asyncio.Condition()

    async def run(self) -> None:
        """Read tickets.v1 from its beginning, for ever."""
        cluster = self._fleet.cluster
        consumer = AIOKafkaConsumer(
            TICKETS.under(cluster.prefix),
            bootstrap_servers=cluster.bootstrap,
            auto_offset_reset="earliest",
        )
        async with consumer:
            async for record in consumer:
                if header(record.headers, "ce_type") == TicketEvent.__name__:
                    with contextlib.suppress(msgspec.DecodeError):  # the poison
                        event = msgspec.json.decode(record.value, type=TicketEvent)
                        await self._put(event.ticket)

    async def until(self, story: Story, moment: str) -> Ticket:
        """The story's ticket, once it knows of a moment."""

        def found() -> Ticket | None:
            ticket = self._tickets.get((story.thread, 1))
            return ticket if ticket and moment in {m.id for m in ticket.moments} else None

        async with self._news:
            await self._news.wait_for(lambda: found() is not None)
            ticket = found()
        assert ticket
        return ticket

    async def _put(self, ticket: Ticket) -> None:
        where = (ticket.case.thread, ticket.episode)
        async with self._news:
            known = self._tickets.get(where)
            if known is None or ticket.version > known.version:
                self._tickets[where] = ticket
                self._news.notify_all()


class Senders:
    """Plays stories, several at a time; the steps of one in its own order."""

    def __init__(self, fleet: Fleet, clock: Clock) -> None:
        self._fleet, self._clock = fleet, clock
        self.accepted, self._watcher = Accepted(), Watcher(fleet)
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._open, self._opened = 0, asyncio.Condition()

    async def in_flight(self) -> int:
        """How many requests wait for their answer, when the next one does."""
        async with self._opened:
            await self._opened.wait()
        return self._open

    async def more(self, deliveries: int) -> None:
        """Return once so many more have been sent."""
        enough = self.accepted.deliveries + deliveries
        async with self._opened:
            await self._opened.wait_for(lambda: self.accepted.deliveries >= enough)

    async def play(self, told: Iterable[Story]) -> None:
        """Send everything; returns once all of it was accepted and every case is closed by hand."""
        async with httpx.AsyncClient(timeout=30) as client, asyncio.TaskGroup() as group:
            watching = group.create_task(self._watcher.run())
            async with asyncio.TaskGroup() as telling:
                for story in told:
                    await self._slots.acquire()
                    telling.create_task(self._tell(client, story))
            watching.cancel()

    async def poison(self, brand: Brand, body: bytes) -> None:
        """Send what nobody can understand; it is accepted, and kept as a dead letter."""
        async with httpx.AsyncClient(timeout=30) as client:
            await self._deliver(client, brand, derive_id(body.hex(), "poison"), body)

    async def _tell(self, client: httpx.AsyncClient, story: Story) -> None:
        closed_at: datetime | None = None
        said = self.accepted.said.setdefault(story.number, [])
        for step in story.steps:
            if step.what == "X":
                self._slots.release()  # a person waits for the ticket, not the platform
                closed_at = await self._close(client, story)
                await self._slots.acquire()
                said.append(Said("X", closed_at))
            else:
                at = story.at(step, closed_at)
                await self._send(client, story, step, payload(story, step, at))
                if step.what not in "edg":
                    until = promised_by(step.what, story.brand.lang, at)
                    said.append(Said(step.what, at, until))
        self._slots.release()

    async def _send(
        self, client: httpx.AsyncClient, story: Story, step: Step, post: dict[str, Any]
    ) -> None:
        body = msgspec.json.encode(post)
        for time in range(step.times):
            message_id = f"msg-{story.post_id(step)}-{step.what}{step.minute}-{time}"
            await self._deliver(client, story.brand, message_id, body)
        if step.what not in "dg":
            at = datetime.fromisoformat(post.get("edited_at", post["posted_at"]))
            revision = int(at.timestamp() * 1000)
            self.accepted.revisions.add((story.brand.name, post["id"], revision))

    async def _deliver(
        self, client: httpx.AsyncClient, brand: Brand, message_id: str, body: bytes
    ) -> None:
        """Again and again under one message id, as platforms do, until it is accepted."""
        url = f"{self._fleet.hooks['ingest-1']}/v1/hooks/generic/{brand.account}"
        while True:
            await self._fleet.ready["ingest-1"].wait()
            self.accepted.deliveries += 1
            headers = {
                **sign(_SECRET, message_id, self._clock.real(), body),
                "content-type": "application/json",
            }
            try:
                answer = await self._post(client, url, body, headers)
            except httpx.TransportError:  # kept or not, nobody knows: so it is sent again
                self.accepted.repeated += 1
                continue
            if answer.is_success:
                return
            self.accepted.refused += 1
            assert answer.status_code == httpx.codes.SERVICE_UNAVAILABLE, answer.text

    async def _post(
        self, client: httpx.AsyncClient, url: str, body: bytes, headers: dict[str, str]
    ) -> httpx.Response:
        async with self._opened:
            self._open += 1
            self._opened.notify_all()
        try:
            return await client.post(url, content=body, headers=headers)
        finally:
            self._open -= 1

    async def _close(self, client: httpx.AsyncClient, story: Story) -> datetime:
        last = [step for step in story.steps if step.what in "cakpz" and not step.since]
        names = {step: "replied" if step.is_reply else "wrote" for step in last}
        moment = derive_id(story.post_id(last[-1]), names[last[-1]])
        ticket = await self._watcher.until(story, moment)
        while True:
            for replica in ("route-1", "route-2"):
                closed = await self._closed(client, f"{self._fleet.addresses[replica]}", ticket.id)
                if closed:
                    return closed

    async def _closed(
        self, client: httpx.AsyncClient, address: str, ticket_id: str
    ) -> datetime | None:
        url = f"{address}/v1/tickets/{ticket_id}"
        try:
            found = await client.get(url, headers=_PERSON)
            known = msgspec.json.decode(found.content, type=Ticket)
            if known.closed_at:  # by a call whose answer was lost
                return known.closed_at
            headers = {**_PERSON, "if-match": found.headers["etag"]}
            done = await client.post(f"{url}/close", headers=headers)
        except httpx.TransportError:
            return None
        if not done.is_success:
            assert done.status_code == httpx.codes.CONFLICT, done.text
            return None
        return msgspec.json.decode(done.content, type=Ticket).closed_at

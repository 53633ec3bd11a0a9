"""How is the day played? Posts through the signed webhook, people's acts through route's API."""

import asyncio
import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import httpx
import msgspec
from fastapi import FastAPI, Request, Response

from deploy.demo.script import BRANDS, DAY, Line, conversations, payload
from deploy.demo.stack import Say, Stack
from deploy.local.process import LaunchError
from schemas.alerts import AlertChanged
from schemas.event import derive_id
from schemas.posts import Case
from schemas.states import AlertKind
from services.route.channels.webhook import sign
from services.route.domain.ticket import ticket_id
from stream.clock import Clock

PATIENCE = 30.0


@dataclass
class Phone:
    """Where alerts ring: the receiving end of the webhook channel."""

    clock: Clock
    rang: list[AlertChanged] = field(default_factory=list)
    first_rang: dict[str, float] = field(default_factory=dict)
    rings: asyncio.Condition = field(default_factory=asyncio.Condition)

    def app(self) -> FastAPI:
        """The receiver; it answers every alert at once."""
        app = FastAPI()

        @app.post("/alerts")
        async def alerts(request: Request) -> Response:
            alert = msgspec.json.decode(await request.body(), type=AlertChanged)
            async with self.rings:
                self.rang.append(alert)
                if alert.kind is not AlertKind.sla:
                    self.first_rang.setdefault(alert.ticket_ids[-1], self.clock.monotonic())
                self.rings.notify_all()
            return Response(status_code=204)

        return app

    async def about(self, ticket: str) -> AlertChanged:
        """The first alert that concerns a ticket; waits for it."""
        async with self.rings:
            await self.rings.wait_for(lambda: self._find(ticket) is not None)
        found = self._find(ticket)
        assert found is not None  # noqa: S101 - the line above has waited for it
        return found

    def _find(self, ticket: str) -> AlertChanged | None:
        return next((alert for alert in self.rang if ticket in alert.ticket_ids), None)


class Player:
    """Plays lines at their time; keeps how ingest answered each."""

    def __init__(
        self, stack: Stack, clock: Clock, *, secret: str, token: str, phone: Phone
    ) -> None:
        self._stack, self._clock, self._phone = stack, clock, phone
        self._secret = base64.b64decode(secret.removeprefix("whsec_"))
        self._headers = {"authorization": f"Bearer {token}"}
        self._cases: dict[str, str] = {}
        self._accepted: dict[str, float] = {}
        self._replies: dict[str, str] = {}
        self._acts: dict[str, asyncio.Task[None]] = {}
        self._conversations: dict[str, str] = {}
        self.answers: dict[str, int] = {}

    async def play(self, lines: Sequence[Line], say: Say) -> None:
        """All lines, each at its time; raises where an act could not be done."""
        hour = -1
        self._conversations = conversations(lines)
        async with httpx.AsyncClient(timeout=PATIENCE) as client, asyncio.TaskGroup() as acts:
            for number, line in enumerate(lines):
                await self._until(line.instant)
                now = int((line.instant - DAY).total_seconds() // 3600)
                if now // 3 != hour // 3:
                    hour = now
                    say(f"{line.at}  {number} of {len(lines)} lines played")
                if line.is_post or line.raw is not None:
                    await self._taken(line)
                    await self._write(client, line, number)
                else:
                    act = acts.create_task(self._act(client, line))
                    self._acts.setdefault(line.ack or "", act)

    def rang(self) -> dict[str, float]:
        """Real seconds from a case's first post accepted to the phone's first ring about it."""
        return {
            ticket: at - self._accepted[ticket]
            for ticket, at in self._phone.first_rang.items()
            if ticket in self._accepted
        }

    async def _taken(self, line: Line) -> None:
        """Who is called says "mine" before they answer: what is answered rings no more."""
        act = self._acts.get(line.re or "") if line.by == "brand" else None
        if act:
            await act

    async def _until(self, instant: datetime) -> None:
        left = (instant - self._clock.now()).total_seconds() / self._clock.factor
        if left > 0:
            await asyncio.sleep(left)  # a day is played in its own time, scaled

    async def _write(self, client: httpx.AsyncClient, line: Line, number: int) -> None:
        body = (line.raw or "").encode()
        if line.is_post:
            body = msgspec.json.encode(payload(line, self._conversations[line.id]))
        message_id = f"msg_{line.id or number}"
        headers = sign(self._secret, message_id, self._clock.real(), body)
        url = f"{self._stack.addresses['hooks']}/v1/hooks/generic/{line.to}"
        answer = await client.post(url, content=body, headers=headers)
        while answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
            await asyncio.sleep(1)  # 503 asks to come again, as a platform would
            answer = await client.post(url, content=body, headers=headers)
        self.answers[line.id or f"line {number}"] = answer.status_code
        if line.by == "brand" and line.re:
            self._replies[line.re] = line.id
        if line.is_post and line.by not in {"brand", "bot"}:
            thread = line.thread or line.re or line.id
            case = Case(brand=BRANDS[line.to], thread=thread, customer=line.by)
            self._cases[line.id] = ticket_id(case, 1)
            self._accepted.setdefault(self._cases[line.id], self._clock.monotonic())

    async def _act(self, client: httpx.AsyncClient, line: Line) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                await (self._acknowledge if line.ack else self._close)(client, line)
        except TimeoutError as error:
            raise LaunchError(f"not done in {PATIENCE:.0f} s: {line}") from error

    async def _acknowledge(self, client: httpx.AsyncClient, line: Line) -> None:
        alert = await self._phone.about(self._cases[line.ack or ""])
        url = f"{self._stack.addresses['route']}/v1/alerts/{alert.group_key}/ack"
        answer = await client.post(url, headers=self._headers)
        answer.raise_for_status()

    async def _close(self, client: httpx.AsyncClient, line: Line) -> None:
        ticket = self._cases[line.close or ""]
        answer = derive_id(self._replies[line.close or ""], "replied")
        url = f"{self._stack.addresses['route']}/v1/tickets/{ticket}"
        while True:
            found = await client.get(url, headers=self._headers)
            if found.is_success and answer in {one["id"] for one in found.json()["moments"]}:
                headers = {**self._headers, "if-match": found.headers["etag"]}
                done = await client.post(f"{url}/close", headers=headers)
                if done.is_success:
                    return
            await asyncio.sleep(0.05)  # the reply that it closes on is still on its way


def message_secret(seed: str) -> str:
    """A webhook secret of this run; derived, so that two runs are alike."""
    return "whsec_" + base64.b64encode(derive_id(seed, "secret").encode()[:32]).decode()

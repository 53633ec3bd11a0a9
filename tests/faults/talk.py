"""Customers of three companies who write all the time, until a company's fall silent."""

import asyncio
import base64
from collections import Counter

import httpx
import msgspec

from deploy.demo.script import BRANDS
from deploy.demo.settings import SECRET
from services.route.channels.webhook import sign
from stream.clock import Clock

PACE_SECONDS = 0.5
THANKS = "Спасибо, всё быстро и вежливо!"
STOLEN = "@{brand} украли карту, снимают деньги!"


class Talk:
    """Posts through the signed webhook, each by a customer of its own; ``silent`` say nothing."""

    def __init__(self, hooks: str, clock: Clock) -> None:
        self._hooks, self._clock = hooks, clock
        self.silent = set[str]()
        self.answers = Counter[int]()

    async def go_on(self) -> None:
        """Everybody writes, again and again; cancel it to end it."""
        async with httpx.AsyncClient() as client:
            while True:
                for account in BRANDS.keys() - self.silent:
                    await self._say(client, account, THANKS)
                await asyncio.sleep(PACE_SECONDS)  # the pace at which they write

    async def cry(self, account: str, many: int) -> None:
        """So many of them lose their money."""
        text = STOLEN.format(brand=BRANDS[account])
        async with httpx.AsyncClient() as client:
            for _ in range(many):
                await self._say(client, account, text)

    async def _say(self, client: httpx.AsyncClient, account: str, text: str) -> None:
        now, name = self._clock.real(), f"{account}-{self.answers.total()}"
        post = {"id": name, "author": {"id": f"customer-{name}"}, "text": text}
        body = msgspec.json.encode({**post, "posted_at": now, "mentions": [BRANDS[account]]})
        headers = sign(_KEY, f"msg_{name}", now, body)
        url = f"{self._hooks}/v1/hooks/generic/{account}"
        answer = await client.post(url, content=body, headers=headers)
        self.answers[answer.status_code] += 1


_KEY = base64.b64decode(SECRET.removeprefix("whsec_"))

"""Does a post still come through? One of our own each minute, by the door that all others use.

Signed and sent over HTTP to this very process: a check behind the door would see no broken door.
"""

import asyncio
import logging
from base64 import b64encode
from collections.abc import Mapping
from http import HTTPStatus
from secrets import token_bytes, token_hex

import httpx
import msgspec

from services.ingest.api import Clock, Door
from services.ingest.domain.canary import ACCOUNT, SOURCE, canary_post
from services.ingest.domain.receipt import Keys
from services.ingest.platforms import generic
from stream.metrics import StreamMetrics
from stream.service import Part, repeated

LOG = logging.getLogger(__name__)

HOP = "ingest"
ANSWER_SECONDS = 10.0
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what is listened at, not a bind
"""Where a listener of all addresses reaches itself."""


class _Counts(msgspec.Struct):
    accepted: int


class Canary:
    """Posts to the door of its own process; each process has a secret and a name of its own."""

    def __init__(self, clock: Clock, metrics: StreamMetrics) -> None:
        self._clock, self._metrics = clock, metrics
        self._secret = generic.KEY_PREFIX + b64encode(token_bytes(32)).decode()
        self._name = token_hex(8)
        self._address, self._listens = "", asyncio.Event()

    @property
    def doors(self) -> Mapping[tuple[str, str], Door]:
        """The one door that its secret opens."""
        door = Door(platform=generic, account=ACCOUNT, keys=Keys(secrets=(self._secret,)))
        return {(SOURCE, ACCOUNT.id): door}

    def listening(self, host: str, port: int) -> None:
        """The door is at this address."""
        near = _EVERYWHERE.get(host, host)
        self._address = f"http://[{near}]:{port}" if ":" in near else f"http://{near}:{port}"
        self._listens.set()

    async def send(self, client: httpx.AsyncClient) -> int:
        """Send one post once the door is there; it has passed when the broker has acked it."""
        await self._listens.wait()
        real = self._clock.real()
        message = f"{self._name}-{real:%Y%m%dT%H%M%S%f}"
        body = canary_post(message)
        headers = generic.signed(self._secret, message, real, body)
        url = f"{self._address}/v1/hooks/{SOURCE}/{ACCOUNT.id}"
        try:
            answer = await client.post(url, content=body, headers=headers)
        except httpx.HTTPError as error:
            LOG.warning("canary not sent", extra={"error": type(error).__name__})
            return 0
        if _is_kept(answer):
            self._metrics.passed(HOP)
        else:
            LOG.warning("canary not taken", extra={"outcome": str(answer.status_code)})
        return 0

    def every(self, seconds: float) -> Part:
        """A part that sends one at this pace, real time."""

        async def sing(stop: asyncio.Event) -> None:
            # to ourselves: no proxy of the environment
            async with httpx.AsyncClient(trust_env=False, timeout=ANSWER_SECONDS) as client:

                async def turn() -> int:
                    return await self.send(client)

                await repeated(turn, seconds)(stop)

        return sing


def _is_kept(answer: httpx.Response) -> bool:
    """One that is known already, or has become a dead letter, has not passed."""
    if answer.status_code != HTTPStatus.ACCEPTED:
        return False
    return msgspec.json.decode(answer.content, type=_Counts).accepted == 1

"""What is one member to those who strike it? A process, its log and its address."""

from pathlib import Path

import httpx
import msgspec

from deploy.local.process import Child
from stream.aiokafka_pump import DRAIN_SECONDS
from stream.faust_consumer import STOP_SECONDS as FAUST_SECONDS
from stream.member import COMMIT_SECONDS
from stream.publisher import STOP_SECONDS as PRODUCER_SECONDS
from tests.processes import PATIENCE, until_ready

STOP_LIMIT = DRAIN_SECONDS + COMMIT_SECONDS + FAUST_SECONDS + PRODUCER_SECONDS
"""What a stop may take at worst, each of its steps up to its own limit."""


class Probe(msgspec.Struct, frozen=True):
    """One member: its process, its log and its address."""

    child: Child
    log: Path
    url: str

    async def get(self, path: str) -> httpx.Response:
        """Ask it over HTTP."""
        transport = httpx.AsyncHTTPTransport(retries=8)  # it may still be starting
        async with httpx.AsyncClient(transport=transport, timeout=PATIENCE) as client:
            return await client.get(self.url + path)

    async def count(self, metric: str) -> float:
        """The sum of a metric over its labels."""
        lines = (await self.get("/metrics")).text.splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(metric))

    async def ready(self) -> None:
        """Wait until it has its partitions; SIGTERM is handled from before that."""
        await until_ready(self.child, self.url, self.log)

    def said(self, words: str) -> bool:
        """Did it log this?"""
        return words in self.log.read_text()

    def ended(self) -> int:
        """Its exit code, within the limit that a stop has."""
        code = self.child.process.wait(STOP_LIMIT)
        self.child.stop()
        return code

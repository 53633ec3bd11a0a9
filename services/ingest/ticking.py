"""How far has ingest come? It says so on every partition, at its pace (design 3.4)."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from schemas.topics import POSTS
from services.ingest.domain.ticks import ticks
from services.ingest.handlers import Keeping
from stream.flow import Origin, Publish, outgoing

LOG = logging.getLogger(__name__)


class Ticking:
    """Says of every partition how far ingest has come; ``margin`` is business time."""

    def __init__(
        self, publish: Publish, keeping: Keeping, *, now: Callable[[], datetime], margin: timedelta
    ) -> None:
        self._publish, self._keeping, self._now, self._margin = publish, keeping, now, margin

    async def tick(self) -> int:
        """Publish one tick per partition; how many were acked, 0 where the broker is away."""
        found = ticks(self._now() - self._margin, self._keeping.partitions)
        origin = Origin(service="ingest", brand="")
        outs = [
            outgoing(tick, topic=POSTS, key="tick", partition=number, origin=origin)
            for number, tick in enumerate(found)
        ]
        try:
            async with asyncio.timeout(self._keeping.ack_seconds):
                await self._publish(outs)
        except self._keeping.broker_errors as error:
            LOG.warning("tick skipped", extra={"error": type(error).__name__})
            return 0
        return len(outs)

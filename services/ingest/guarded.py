"""Is the broker asked at all? Not by every request, while it does not ack (P9)."""

from collections.abc import Callable, Sequence

from services.ingest.domain.breaker import Breaker
from stream.flow import Outgoing, Publish


class BrokerAway(OSError):  # noqa: N818 - says what was found
    """The breaker is open: nothing was sent."""


class Guarded:
    """A publisher behind a breaker: while the broker does not ack, it is not even asked (P9)."""

    def __init__(self, publish: Publish, breaker: Breaker, monotonic: Callable[[], float]) -> None:
        self._publish, self._breaker, self._monotonic = publish, breaker, monotonic

    async def __call__(self, outputs: Sequence[Outgoing]) -> Sequence[int]:
        """The offsets once all are acked; raises ``BrokerAway`` at once while it is open."""
        if not outputs:
            return []
        if not self._breaker.admits(self._monotonic()):
            raise BrokerAway
        try:
            acks = await self._publish(outputs)
        except BaseException:  # a budget that has run out cancels us
            self._breaker.missed(self._monotonic())
            raise
        self._breaker.acked()
        return acks

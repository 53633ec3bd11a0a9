"""What do admin calls do? Over the same receiving as every webhook, on real time."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from services.ingest.domain.brands import Account
from services.ingest.domain.fate import Reported, Unavailable
from services.ingest.domain.heard import Heard
from services.ingest.domain.receipt import Native, Refused, Seen, arrived
from services.ingest.domain.source_state import SourceState, source_states
from services.ingest.handlers import Arrival, Receiving
from services.ingest.platforms import reported
from services.ingest.platforms.reported import DECODER, objection
from services.ingest.platforms.wire import decoded


class Clock(Protocol):
    """Business time of events, real time of people."""

    def now(self) -> datetime:
        """Business time."""
        ...

    def real(self) -> datetime:
        """Real time."""
        ...


class Times(Protocol):
    """When sources were heard."""

    async def latest(self) -> Mapping[Heard, datetime]:
        """By what was heard, over all replicas."""
        ...


class StaffedOffice:
    """The admin API's office; ``enabled`` are the accounts that have a live secret."""

    def __init__(
        self,
        receiving: Receiving,
        accounts: Mapping[tuple[str, str], Account],
        enabled: frozenset[tuple[str, str]],
        times: Times,
        clock: Clock,
    ) -> None:
        self._receiving, self._accounts, self._enabled = receiving, accounts, enabled
        self._times, self._clock = times, clock

    def now(self) -> datetime:
        """Real time: tokens expire in it."""
        return self._clock.real()

    async def sources(self) -> Sequence[SourceState]:
        """Every configured account and how it is."""
        return source_states(
            self._accounts.values(),
            enabled=self._enabled,
            latest=await self._times.latest(),
            now=self._clock.real(),
        )

    async def reply(self, raw: bytes) -> Reported | Unavailable | Refused | None:
        """Keep a reported reply; None where there is no such account."""
        reply = decoded(raw, DECODER)
        if isinstance(reply, Refused):
            return reply
        account = self._accounts.get((reply.source, reply.account))
        if account is None:
            return None
        seen = Seen(account=account, received_at=self._clock.now())
        if why := objection(reply, seen):
            return why
        arrival = Arrival(
            source=reply.source,
            events=arrived((Native(raw=raw, post=raw),), seen),
            real_at=self._clock.real(),
            message_id=reply.id,
        )
        done = await self._receiving.receive(reported, arrival)
        if isinstance(done, Unavailable):
            return done
        known = await self._receiving.knows(account.brand, reply.in_reply_to)
        return Reported(**msgspec.structs.asdict(done.fates[0]), in_reply_to_known=known)

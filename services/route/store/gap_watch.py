"""Will somebody be there tomorrow? Every replica looks, and the first to see a gap makes the call.

It tells of a gap by an intent whose id is the gap's own, so that five replicas make one call; hence
an intent stays at least as long as its gap.
"""

import logging
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from schemas.yaml_marks import BadFile
from services.route.domain.book import AlertIntent
from services.route.domain.desk import Rules
from services.route.domain.gap_calls import LOOK, gap_calls
from services.route.domain.rulebook import Rulebook
from services.route.store.cases import intent_row
from services.route.store.policies import latest, newest
from services.route.store.swaps import swaps_between
from services.route.store.tables import INTENTS
from stream.clock import Clock
from stream.database import alone
from stream.statements import among

LOG = logging.getLogger(__name__)
_KNOWN = select(INTENTS.c.id).where(among(INTENTS.c.id, "ids"))


class GapWatch:
    """Tells ahead of time of the hours in which a team has nobody."""

    def __init__(self, engine: AsyncEngine, rulebook: Rulebook, clock: Clock) -> None:
        self._engine, self._alone = engine, alone(engine)
        self._rulebook, self._clock = rulebook, clock

    async def turn(self) -> int:
        """Look at the coming day; how many gaps nobody had told of."""
        async with self._alone.connect() as connection:
            new = await self._new(connection)
        if not new:
            return 0
        async with self._engine.begin() as connection:
            dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
            insert = dialect.insert(INTENTS).on_conflict_do_nothing()
            await connection.execute(insert, [intent_row(intent) for intent in new])
        return len(new)

    async def _new(self, connection: AsyncConnection) -> Sequence[AlertIntent]:
        now = self._clock.now()
        swaps = await swaps_between(connection, now - LOOK, now + LOOK)
        rules = await self._rules(connection)
        calls = gap_calls(rules.policy, rules.needs, now, swaps)
        intents = {call.intent.id: call.intent for call in calls}
        known = set((await connection.execute(_KNOWN, {"ids": list(intents)})).scalars())
        return [intent for name, intent in intents.items() if name not in known]

    async def _rules(self, connection: AsyncConnection) -> Rules:
        """The newest policy, also on a replica that has no posts to decide on."""
        seq = await newest(connection)
        known = self._rulebook.current if seq is None else self._rulebook.known(seq)
        version = None if known else await latest(connection)
        try:
            return known or (self._rulebook.put(version) if version else self._rulebook.current)
        except BadFile:
            LOG.warning("policy of another release, gaps of the one before are told")
            return self._rulebook.current

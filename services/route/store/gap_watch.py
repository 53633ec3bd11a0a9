"""Will somebody be there tomorrow? Every replica looks, and the first to see a gap makes the call.

However many tell of a gap at once, it is one alert: the base is the gap's own. It ends with the
gap, or when somebody will be there after all.
"""

from collections.abc import Sequence

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from schemas.states import AlertKind
from services.route.domain.gap_calls import LOOK, gap_calls, gap_closed, gap_hours
from services.route.domain.intents import AlertIntent, Intent, decode_intent
from services.route.domain.rulebook import Rulebook
from services.route.metrics import Metrics
from services.route.store.cases import keep_intents
from services.route.store.policies import newest_rules
from services.route.store.swaps import swaps_between
from services.route.store.tables import ALERTS, INTENTS
from stream.clock import Clock
from stream.database import alone

_TOLD = select(ALERTS.c.base).where(
    ALERTS.c.left_at.is_(None), ALERTS.c.kind == bindparam("of_kind")
)
_WAITING = select(INTENTS.c.body).where(INTENTS.c.done_at.is_(None), INTENTS.c.ticket == "")


class GapWatch:
    """Tells ahead of time of the hours in which a team has nobody."""

    def __init__(
        self, engine: AsyncEngine, rulebook: Rulebook, clock: Clock, metrics: Metrics
    ) -> None:
        self._engine, self._alone = engine, alone(engine)
        self._rulebook, self._clock, self._metrics = rulebook, clock, metrics

    async def turn(self) -> int:
        """Look at the coming day; how many gaps nobody knew of, and how many are none any more."""
        async with self._alone.connect() as connection:
            news = await self._news(connection)
        if news:
            async with self._engine.begin() as connection:
                await keep_intents(connection, news)
        return len(news)

    async def _news(self, connection: AsyncConnection) -> Sequence[Intent]:
        now = self._clock.now()
        swaps = await swaps_between(connection, now - LOOK, now + LOOK)
        rules = await newest_rules(connection, self._rulebook)
        for team, hours in gap_hours(rules.policy, now, swaps).items():
            self._metrics.duty_gap_hours.labels(team).set(hours)
        gaps = {one.base: one for one in gap_calls(rules.policy, rules.needs, now, swaps)}
        known = await self._known(connection)
        closed = [gap_closed(base, now) for base in sorted(known - set(gaps))]
        return [*(gaps[base] for base in sorted(set(gaps) - known)), *closed]

    async def _known(self, connection: AsyncConnection) -> set[str]:
        """The gaps that are told of, and those that are about to be."""
        kind = AlertKind.duty_gap.value
        told = (await connection.execute(_TOLD, {"of_kind": kind})).scalars()
        waiting = map(decode_intent, (await connection.execute(_WAITING)).scalars())
        gaps = (one.base for one in waiting if isinstance(one, AlertIntent) and one.kind == kind)
        return {*told, *gaps}

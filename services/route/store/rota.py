"""Who is on duty, as people change it for a while?"""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from services.route.domain.coverage import Gap, coming_gaps, gaps
from services.route.domain.desk import Rules
from services.route.domain.swaps import Swap, wrong_swap
from services.route.domain.views import DutyView, SwapView
from services.route.store.holding import held
from services.route.store.swaps import add_swap, drop_swap, swaps_listed
from stream.clock import Clock
from stream.database import alone

DAY = timedelta(days=1)
YEAR = timedelta(days=366)


class StoredRota:
    """The rota of the policy that runs, with the swaps in the store."""

    def __init__(self, engine: AsyncEngine, rules: Callable[[], Rules], clock: Clock) -> None:
        self._engine, self._rules, self._clock = engine, rules, clock

    async def duty(self, at: datetime | None) -> DutyView:
        """Who is on duty then, or now, and the swaps of the year after."""
        when = at or self._clock.now()
        async with alone(self._engine).connect() as connection:
            listed = await swaps_listed(connection, when, when + YEAR)
            hold = await held(connection)
        on_duty = self._rules().policy.on_duty(when, [view.swap for view in listed])
        return DutyView(at=when, on_duty=on_duty, swaps=tuple(listed), alerts_held=hold)

    async def swap(self, swap: Swap, *, by: str, reason: str) -> SwapView:
        """Keep a swap; raises ``ValueError`` for nobody we know, or an end before its start."""
        known = sorted(self._rules().policy.everybody)
        wrong = [f"{field}: {why}" for field, why in wrong_swap(swap, known)]
        if wrong:
            raise ValueError("; ".join(wrong))
        async with self._engine.begin() as connection:
            number = await add_swap(connection, swap, by=by, reason=reason)
        return SwapView(id=number, swap=swap, by=by, reason=reason)

    async def take_back(self, number: int) -> bool:
        """Drop a swap."""
        async with self._engine.begin() as connection:
            return await drop_swap(connection, number)

    async def gaps(self, first: date | None, days: int) -> Sequence[Gap]:
        """The hours in which a team has nobody, swaps counted; from a date on, or from now."""
        now, policy = self._clock.now(), self._rules().policy
        start = datetime.combine(first, time(tzinfo=UTC)) - DAY if first else now
        listed = await self._listed(start, start + (days + 2) * DAY)
        swaps = [view.swap for view in listed]
        if first is None:
            return coming_gaps(policy, now, days, swaps)
        return gaps(policy, first, days, swaps)

    async def _listed(self, since: datetime, until: datetime) -> Sequence[SwapView]:
        async with alone(self._engine).connect() as connection:
            return await swaps_listed(connection, since, until)

"""An alert's life, with a death at every step: folded, handed over, acknowledged, escalated.

Nothing here waits a while and hopes: a step is reached when the database or the provider says so,
and a replica dies there. The lease of what a dead one had in hand runs out at once, instead of half
a minute later.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from stream.topic_admin import Cluster
from tests.faults.callers import Callers, posts, take
from tests.faults.gates import Gate, Gates
from tests.faults.handed import PATHS, sender_of
from tests.processes import write_records
from tests.provider import HOLDS, TAKES, End, Provider

T = TypeVar("T")
LOOK_SECONDS = 0.02
_INTENTS = "select count(*) from route_alert_intents where done_at is null"
_OPEN = "select count(*) from route_deliveries where done_at is null"
_LEASED = f"{_OPEN} and leased_until > 0"
_RUNS_OUT = "update route_deliveries set leased_until = 0 where done_at is null"
_KEY = "select group_key from route_alerts where convert_from(body, 'utf8') like '%/{case}\"%'"


async def until(look: Callable[[], Awaitable[T]]) -> T:
    """Look again and again until there is something."""
    while not (found := await look()):  # noqa: ASYNC110 - processes set no event
        await asyncio.sleep(LOOK_SECONDS)  # others' work; nothing tells of its end
    return found


class Life:
    """Replicas on one database and one provider; ``in_hand``: those die that have the step."""

    def __init__(
        self, callers: Callers, gates: Gates, provider: Provider, *, in_hand: bool
    ) -> None:
        self._callers, self._gates, self._provider = callers, gates, provider
        self._in_hand = in_hand

    async def lived(self, cluster: Cluster, left: Sequence[str], taken: Sequence[str]) -> None:
        """From posts to the end; ``taken`` somebody acknowledges, ``left`` climb their chain."""
        await self._gates.close(Gate.turn)
        await write_records(cluster, posts((*left, *taken)))
        await self._raised(len(left) + len(taken))
        await self._acknowledged(taken)
        await self._escalated(len(left))
        await self._gates.open(Gate.turn)

    async def _raised(self, many: int) -> None:
        """Deaths before the fold, in it, and before anybody is told of it."""
        await until(lambda: self._are(_INTENTS, many))
        await self._dies(Counter())
        await self._callers.at_work()
        await self._gates.close(Gate.leased)
        await self._a_turn_dies()
        await self._dies(await until(lambda: self._gates.waiting(Gate.leased)))
        await self._callers.at_work()
        await self._handed_over(many, Gate.leased)

    async def _acknowledged(self, cases: Sequence[str]) -> None:
        """A death while somebody says "mine", who says it again, and while others hear of it."""
        keys = [await self._gates.found(_KEY.format(case=case)) for case in cases]
        await self._callers.at_work()
        await self._gates.close(Gate.told)
        name, replica = next(iter(self._callers.alive.items()))
        said = asyncio.create_task(take(replica, keys[0]))
        await until(lambda: self._gates.waiting(Gate.told))
        await self._callers.kill(name, self._gates)
        assert not await said
        await self._callers.at_work()
        self._provider_says_nothing()
        await self._gates.open(Gate.told)
        replica = next(iter(self._callers.alive.values()))
        assert all([await take(replica, key) for key in keys])
        await self._handed_over(len(cases))

    async def _escalated(self, many: int) -> None:
        """A death in the turn that calls the next one, and while that one is called."""
        self._provider_says_nothing()
        await self._a_turn_dies()
        await self._handed_over(many)

    async def _a_turn_dies(self) -> None:
        """A turn ends in the middle, the next one is taken whole; then there is none."""
        await self._gates.close(Gate.told)
        await self._gates.open(Gate.turn)
        await self._dies(await until(lambda: self._gates.waiting(Gate.told)))
        await until(lambda: self._gates.waiting(Gate.told))
        await self._callers.at_work()
        closing = asyncio.create_task(self._gates.close(Gate.turn))
        await self._gates.open(Gate.told)
        await closing

    async def _handed_over(self, many: int, *gates: Gate) -> None:
        """A death while the provider has it and says nothing, and one behind its answer."""
        self._provider_says_nothing()
        for gate in gates:
            await self._gates.open(gate)
        held = await until(lambda: self._held(many))
        await self._gates.close(Gate.done)
        first = await self._dies(held)
        self._provider_says_nothing(over=True)
        await until(lambda: self._answered(many - held[first]))
        if many == held[first]:
            await self._gates.change(_RUNS_OUT)
            held = await until(lambda: self._answered(many))
            first = ""
        answered = await self._gates.waiting(Gate.done)
        second = await self._dies(answered)
        await self._gates.open(Gate.done)
        await until(lambda: self._are(_LEASED, held[first] + answered[second]))
        await self._gates.change(_RUNS_OUT)
        await until(lambda: self._are(_OPEN, 0))

    def _provider_says_nothing(self, *, over: bool = False) -> None:
        for path in PATHS.values():
            self._provider.tells(path, TAKES if over else HOLDS)
        if over:
            self._provider.let_go()

    async def _held(self, many: int) -> Counter[str]:
        """Who has so many of them on its way; none before all are."""
        held = [one for one in self._provider.log() if one.answer.end is End.held]
        fresh = [one for one in held if not one.over]
        return Counter(map(sender_of, fresh)) if len(fresh) == many else Counter()

    async def _answered(self, many: int) -> Counter[str]:
        """Who has an answer to so many that is not written down yet."""
        waiting = await self._gates.waiting(Gate.done)
        return (waiting or Counter({"": 1})) if waiting.total() == many else Counter()

    async def _are(self, query: str, many: int) -> bool:
        return await self._gates.count(query) == many

    async def _dies(self, at_it: Counter[str]) -> str:
        """Who has most of the step in hand dies, or who has least of it."""
        ordered = sorted(self._callers.alive, key=lambda name: (at_it[name], name))
        victim = ordered[-1] if self._in_hand else ordered[0]
        await self._callers.kill(victim, self._gates)
        return victim

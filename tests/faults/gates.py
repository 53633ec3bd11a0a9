"""Where does a replica stand still, for as long as a test likes? At gates in its own database.

A gate is an advisory lock that a trigger asks for: closed, whoever comes to that step waits in the
middle of its transaction, and the test sees who. Each replica comes as a user of its own.
"""

from collections import Counter
from enum import IntEnum
from typing import Self

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.route.store.alerts import TURN_LOCK
from stream.database import alone, open_engine

_WAIT = """
create function wait_at_gate() returns trigger language plpgsql as $$
begin perform pg_advisory_xact_lock_shared(tg_argv[0]::bigint); return new; end $$"""
_ROLE = """
do $$ begin create role {user} superuser login;
exception when duplicate_object then null; end $$"""
"""Roles are the server's: another database of it may have let them in before."""
_WHO = text("""
select usename from pg_locks join pg_stat_activity using (pid)
where locktype = 'advisory' and not granted and objid = :gate and usename <> current_user""")
_CONNECTIONS = text("select pid from pg_stat_activity where usename = :user")
_END = text("select pg_terminate_backend(pid) from pg_stat_activity where usename = :user")


class Gate(IntEnum):
    """The steps of an alert's life; ``turn`` is the lock that a turn itself asks for."""

    turn = TURN_LOCK
    told = 0x07801
    """A turn, or who acknowledges, tells a channel: the transaction is still open."""
    leased = 0x07802
    """A sender takes what is due."""
    done = 0x07803
    """The channel has answered; the row is not yet done."""


_STEPS = {
    Gate.told: "insert on route_deliveries for each row",
    Gate.leased: "update on route_deliveries for each row when (new.attempt > old.attempt)",
    Gate.done: (
        "update on route_deliveries for each row"
        " when (old.done_at is null and new.outcome = 'delivered')"
    ),
}


class Gates:
    """Opens and closes them, on connections of the test's own: who waits for turns, waits apart."""

    def __init__(self, url: str) -> None:
        self._engine: AsyncEngine = open_engine(url)

    async def __aenter__(self) -> Self:
        self._own: AsyncConnection = await alone(self._engine).connect()
        self._turns: AsyncConnection = await alone(self._engine).connect()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._own.close()
        await self._turns.close()
        await self._engine.dispose()

    async def build(self) -> None:
        """Put them up, once the tables are there; all are open."""
        await self._own.execute(text(_WAIT))
        for gate, step in _STEPS.items():
            trigger = f"create trigger gate_{gate.name} before {step}"
            await self._own.execute(text(f"{trigger} execute function wait_at_gate('{gate:d}')"))

    async def let_in(self, user: str) -> None:
        """Let a replica of that name in."""
        await self._own.execute(text(_ROLE.format(user=user)))

    async def close(self, gate: Gate) -> None:
        """From now on nobody passes; who is on their way through passes first."""
        await self._hand(gate).execute(text("select pg_advisory_lock(:gate)"), {"gate": gate})

    async def open(self, gate: Gate) -> None:
        """Whoever waits goes on."""
        await self._hand(gate).execute(text("select pg_advisory_unlock(:gate)"), {"gate": gate})

    def _hand(self, gate: Gate) -> AsyncConnection:
        return self._turns if gate is Gate.turn else self._own

    async def waiting(self, gate: Gate) -> Counter[str]:
        """Who waits, with how many connections."""
        return Counter((await self._own.execute(_WHO, {"gate": gate})).scalars())

    async def gone(self, user: str) -> None:
        """See to it that nothing of a dead replica goes on, as its host's end would."""
        await self._own.execute(_END, {"user": user})
        while (await self._own.execute(_CONNECTIONS, {"user": user})).first():
            pass

    async def count(self, query: str) -> int:
        """What a query counts."""
        return int((await self._own.execute(text(query))).scalar_one())

    async def found(self, query: str) -> str:
        """The one text that a query finds."""
        return str((await self._own.execute(text(query))).scalar_one())

    async def change(self, statement: str) -> None:
        """Change what lies there."""
        await self._own.execute(text(statement))

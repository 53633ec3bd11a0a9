"""Whatever happens, in whatever order it is heard of, the verdicts are those of a pencil.

Three inputs break the easy version: a fact that comes to light after its verdict was announced,
twice over (told, corrected, and true after all); a restart in which everything comes again; and
polls an hour apart (each threshold is found late, and still at its own instant).
"""

import asyncio
import random  # noqa: TID251 - shuffles by a seed that hypothesis draws
from collections import Counter
from collections.abc import Awaitable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import msgspec
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from prometheus_client import CollectorRegistry
from sqlalchemy import select

from schemas.calendars import Calendar
from schemas.tickets import EarlierTerms, Ticket
from services.notify.store.tables import CLOCKS, METADATA
from stream.database import create_tables, open_engine
from stream.memory_pump import MemoryBroker
from tests.clock_books import Verdicts, run_of, stands, true_of
from tests.clock_oracle import Fact, Promised, Run, overdue, runs
from tests.notify_service import Service
from tests.unit.notify.builders import OFFICE, TARGETS, at, ticket
from tests.unit.notify.test_clock_definitions import as_moment, as_terms
from worktime.always import ALWAYS

NAMES = ("anna", "boyan", "kate")
LONG = 14 * 24 * 60

T = TypeVar("T")


@dataclass
class Told:
    """One customer's case: what is true of it, and what of that route has told."""

    name: str
    partition: int
    promised: Promised
    earlier: list[tuple[float, Promised]] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    versions: list[Ticket] = field(default_factory=list)
    untold: bool = False

    def version(self, dice: random.Random) -> Ticket:
        """The ticket as route has it now, its moments in no order."""
        moments = [as_moment(fact) for fact in self.facts]
        dice.shuffle(moments)
        made = ticket(
            *moments,
            promised=as_terms(self.promised),
            name=self.name,
            version=len(self.versions) + 1,
        )
        held = [
            EarlierTerms(until=at(minute), priority=0, terms=as_terms(one))
            for minute, one in self.earlier
        ]
        self.versions.append(msgspec.structs.replace(made, earlier_terms=tuple(held)))
        self.untold = False
        return self.versions[-1]

    @property
    def runs(self) -> list[Run]:
        return runs(self.facts, self.promised, [(at(minute), one) for minute, one in self.earlier])


class AnyHistory(RuleBasedStateMachine):
    """Facts happen, are heard of late, twice and in disorder; ticks pass; members come and go."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.Runner()
        self.folder = TemporaryDirectory()
        url = f"sqlite:///{Path(self.folder.name) / 'notify.db'}"
        self.service = Service(open_engine(url), MemoryBroker(), CollectorRegistry())
        self.wait(create_tables(self.service.engine, METADATA))
        self.cases = [Told(name, n % 2, Promised(TARGETS, ALWAYS)) for n, name in enumerate(NAMES)]
        self.now, self.pump = 0.0, self.service.pump(CollectorRegistry())
        self.dice = random.Random(0)  # noqa: S311 - no secret

    def wait(self, work: Awaitable[T]) -> T:
        async def waited() -> T:
            return await work

        return self.loop.run(waited())

    @initialize(seed=st.integers(0, 10**6))
    def begin(self, seed: int) -> None:
        self.dice.seed(seed)
        for case in self.cases:
            case.facts.append(Fact("c", at(self.now), at(self.now)))
            case.untold = True

    @rule(
        number=st.integers(0, 2),
        what=st.sampled_from("ccckiapzbhrXO"),
        ago=st.sampled_from([0, 0, 0, 10, 50, 200]),
        due=st.sampled_from([0, 0, 40, 300]),
    )
    def happens(self, number: int, what: str, ago: int, due: int) -> None:
        """Now, or a while ago, and it comes to light only now; a second apart from all else."""
        case = self.cases[number]
        minute = self.now - ago + (len(case.facts) + 1) / 60
        until = at(minute + due) if due and what in "kiapz" else None
        case.facts.append(Fact(what, at(minute), max(at(minute), at(self.now)), until))
        case.untold = True

    @rule(
        number=st.integers(0, 2),
        hours=st.sampled_from([1, 2, 6]),
        calendar=st.sampled_from([ALWAYS, OFFICE]),
    )
    def terms_change(self, number: int, hours: int, calendar: Calendar) -> None:
        """Other targets hold from now on."""
        case = self.cases[number]
        case.earlier.append((self.now, case.promised))
        case.promised = Promised(dict.fromkeys(TARGETS, hours * 1800), calendar)
        case.untold = True

    @rule(number=st.integers(0, 2))
    def is_told(self, number: int) -> None:
        case = self.cases[number]
        self.service.tell(case.version(self.dice), partition=case.partition)

    @rule(number=st.integers(0, 2))
    def is_told_again(self, number: int) -> None:
        """A version that was told before, under a new offset."""
        case = self.cases[number]
        if case.versions:
            self.service.tell(self.dice.choice(case.versions), partition=case.partition)

    @rule(minutes=st.sampled_from([1 / 60, 1, 60, 60]))
    def time_passes(self, minutes: float) -> None:
        """The tick comes behind everything that was received before it."""
        for case in self.cases:
            if case.untold:
                self.service.tell(case.version(self.dice), partition=case.partition)
        self.now += minutes + 1  # past the seconds that keep facts apart
        for partition in (0, 1):
            self.service.tick(self.now, partition)

    @rule(minutes=st.sampled_from([5, 90]), partition=st.integers(0, 1))
    def is_silent(self, minutes: float, partition: int) -> None:
        self.wait(self.service.hears_nothing(minutes, partition))
        self.restarts()  # another member has read on meanwhile

    @rule(batch=st.sampled_from([1, 3, 200]))
    def polls(self, batch: int) -> None:
        self.wait(self.pump.run_until_idle(batch=batch))

    @rule()
    def restarts(self) -> None:
        """A new member reads everything again from the beginning."""
        self.pump = self.service.pump(CollectorRegistry())

    @invariant()
    def says_nothing_twice(self) -> None:
        ids = Counter(event.event_id for event in self.service.events())
        assert set(ids.values()) <= {1}

    def teardown(self) -> None:
        """In the end the rows and what stands announced are what a pencil says."""
        try:
            self.time_passes(LONG)
            self.polls(200)
            for case in self.cases:
                expected = case.runs
                assert self.wait(self.rows(case.name)) == sorted(expected, key=str), case.facts
                assert self.stands(case.name) == self.true_of(case, expected), case.facts
        finally:
            self.wait(self.service.engine.dispose())
            self.loop.close()
            self.folder.cleanup()

    async def rows(self, name: str) -> list[Run]:
        async with self.service.engine.connect() as connection:
            found = await connection.execute(select(CLOCKS).where(CLOCKS.c.ticket == name))
            rows = [run_of(row) for row in found]
        return sorted(rows, key=str)

    def stands(self, name: str) -> Verdicts:
        return stands(event for event in self.service.events() if event.ticket_id == name)

    def true_of(self, case: Told, expected: list[Run]) -> Verdicts:
        end = at(self.now)
        return true_of(expected, lambda run: overdue(case.facts, case.promised, run, end))


TestAnyHistory = AnyHistory.TestCase
TestAnyHistory.settings = settings(
    max_examples=15,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)

"""A few days of customers for notify, told twice, in disorder and late, with ticks in between.

What must come of it is what a pencil says of each history (tests.clock_oracle). A tick claims what
is true: whatever was received before it lies before it, in at least one of its copies.
"""

import random  # noqa: TID251 - a seeded shuffle, so that a failure can be played again
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from typing import NamedTuple

import msgspec

from schemas.event import Event, PipelineTick, derive_id
from schemas.tickets import TicketEvent
from schemas.topics import TICKETS
from stream.flow import Outgoing
from tests.builders import a_record, minutes
from tests.clock_oracle import WORDS, Fact, Promised, Run, overdue, runs
from tests.unit.notify.builders import NIGHTS, OFFICE, START, TARGETS, ticket, told
from tests.unit.notify.test_clock_definitions import as_moment, as_terms
from worktime.always import ALWAYS

PARTITIONS = 12
LANGS = ("ru", "bg", "en")
CALENDARS = (ALWAYS, ALWAYS, ALWAYS, ALWAYS, OFFICE, NIGHTS)
GAPS = (2, 10, 25, 50, 70, 200, 600)
LATE = (0, 0, 0, 1, 45, 300, 900)
DATES = (0, 0, 0, 40, 300)
TICKS = (1 / 60, 1, 60, 240)
"""Minutes: between two facts, until one is known, to a promised date, and between two ticks."""
END = START + timedelta(days=10)
"""The last tick of the days: what is not on hold is overdue by then, and nothing will be after."""


class Plot(NamedTuple):
    """One customer's case: where it lives, what is promised, and what in the end is known of it."""

    name: str
    partition: int
    promised: Promised
    facts: tuple[Fact, ...]
    lang: str = "ru"

    @property
    def runs(self) -> list[Run]:
        return runs(self.facts, self.promised)

    def is_overdue(self, run: Run) -> bool:
        return overdue(self.facts, self.promised, run, END)

    def versions(self) -> Iterator[tuple[datetime, TicketEvent]]:
        """As route tells them: all that is known, since when, from the customer's words on."""
        opened = min(known_at(fact) for fact in self.facts if fact.what == "c")
        instants = sorted({max(opened, known_at(fact)) for fact in self.facts})
        for number, instant in enumerate(instants, 1):
            yield instant, self._version(number, instant)

    def _version(self, number: int, instant: datetime) -> TicketEvent:
        moments = [as_moment(fact) for fact in self.facts if known_at(fact) <= instant]
        terms = as_terms(self.promised)
        made = ticket(*reversed(moments), promised=terms, name=self.name, version=number)
        return told(msgspec.structs.replace(made, lang=self.lang))

    def record(self, event: TicketEvent) -> Outgoing:
        return on(self.partition, event)


def known_at(fact: Fact) -> datetime:
    return fact.received or fact.at


def on(partition: int, event: Event) -> Outgoing:
    """The event on its partition of the tickets."""
    return a_record(event, topic=TICKETS.name, partition=partition)


def tick(partition: int, received_before: datetime) -> Outgoing:
    """The claim that all that was received before then lies behind us."""
    event_id = derive_id(f"{partition}", "PipelineTick", received_before.isoformat())
    made = PipelineTick(
        event_id=event_id, occurred_at=received_before, received_before=received_before
    )
    return on(partition, made)


def plots(customers: int, seed: int) -> list[Plot]:
    """The cases of these days; the same for the same seed."""
    dice = random.Random(seed)  # noqa: S311 - no secret
    return [_plot(number, dice) for number in range(customers)]


def _plot(number: int, dice: random.Random) -> Plot:
    calendar, by_arrival = dice.choice(CALENDARS), dice.randrange(8) == 0
    return Plot(
        name=f"story-{number}",
        partition=dice.randrange(PARTITIONS),
        promised=Promised(TARGETS, calendar, by_arrival),
        facts=tuple(_facts(dice)),
        lang=LANGS[number % len(LANGS)],
    )


def _facts(dice: random.Random) -> Iterator[Fact]:
    at = START + minutes(dice.randrange(24 * 60))
    yield Fact("c", at, at + minutes(dice.choice(LATE)))
    for _ in range(dice.randint(2, 6)):
        at += minutes(dice.choice(GAPS)) + timedelta(seconds=dice.randint(1, 59))
        what, due = dice.choice("ccckiaapzbhrXO"), dice.choice(DATES)
        until = at + minutes(due) if due and what in WORDS else None
        yield Fact(what, at, at + minutes(dice.choice(LATE)), until)


def in_disorder(cases: Sequence[Plot], seed: int) -> list[Outgoing]:
    """The cases as a topic could hold them; of each partition, every tick in its order.

    The first copy of a version lies in no order with whatever became known between the same two
    ticks; the second comes anywhere behind, most often after newer ones. So do those of the ticks.
    """
    dice = random.Random(seed)  # noqa: S311 - no secret
    ends = [[*_ticks(dice), END + timedelta.resolution] for _ in range(PARTITIONS)]
    placed = list[tuple[datetime, float, Outgoing]]()
    for partition, some in enumerate(ends):
        for number, at in enumerate(some[:-1]):
            placed.append((at, 1.0, tick(partition, at)))
            placed.append((dice.choice(some[number:]), 2.0, tick(partition, at)))
    for case in cases:
        some = ends[case.partition]
        for instant, event in case.versions():
            first = bisect_right(some, instant)
            for window in (first, dice.randrange(first, len(some))):
                placed.append((some[window], dice.random(), case.record(event)))
    return [record for _, _, record in sorted(placed, key=lambda one: one[:2])]


def _ticks(dice: random.Random) -> list[datetime]:
    """For as long as there is news, then the last one; a second apart, a minute, or hours."""
    steps = accumulate(dice.choice(TICKS) for _ in range(80))
    return [*(START + minutes(step) for step in steps), END]

"""A long case is folded by route and timed by notify: no clock that is left notices.

Three inputs break the easy version: a step of the play in the middle of old exchanges (the numbers
of later cycles must not move), a promise that is kept in the exchange after it, and a fact that
comes to light in what was folded.
"""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from schemas.event import encode
from schemas.tickets import Ticket
from services.notify.domain.clocks import timed
from services.notify.store.tables import METADATA
from services.route.domain.book import Book
from services.route.domain.folding import KEPT, fold
from services.route.domain.ticket import answer
from stream.memory_pump import MemoryBroker
from tests.builders import MONDAY, a_classified, a_post, a_reply, minutes
from tests.clock_oracle import CLOCKS, Fact
from tests.notify_service import Service, rows
from tests.stored import opened
from tests.unit.notify.builders import at, terms, ticket
from tests.unit.notify.test_clock_definitions import as_moment
from tests.unit.route.test_ticket_life import settle

LIMIT = 32 * 1024
PLAIN = ("c a", "c k a", "c c a", "c b a d", "c i a", "c p")
ODD = ("c a<", "c k< a", "a", "i", "h r", "X O", "X c O", "c z", "k c a", "b", "p")

histories = st.lists(
    st.tuples(st.sampled_from((*PLAIN, *PLAIN, *PLAIN, *ODD)), st.integers(1, 200)),
    min_size=KEPT + 2,
    max_size=2 * KEPT,
)


def facts_of(scripts: list[tuple[str, int]]) -> list[Fact]:
    """The letters one after the other, some minutes apart; ``<`` promises a date."""
    found, minute = list[Fact](), 0
    for script, gap in scripts:
        for step in script.split():
            minute += gap
            until = at(minute + 300) if "<" in step else None
            found.append(Fact(step[0], at(minute), None, until))
    return found


def case_of(facts: list[Fact]) -> Ticket:
    promised = terms(dict.fromkeys(CLOCKS, 120))
    return ticket(*map(as_moment, facts), promised=promised)


ROUNDS = settings(
    deadline=None,
    suppress_health_check=list(HealthCheck),
    max_examples=60,
    phases=[Phase.explicit, Phase.generate],  # what fails is long, and shrinks for minutes
)


@ROUNDS
@given(histories)
def test_folding_changes_no_clock_that_is_left(scripts: list[tuple[str, int]]) -> None:
    whole = case_of(facts_of(scripts))
    before, after = timed(whole), timed(fold(whole))

    left = tuple(clock for clock in before.clocks if clock.key not in after.folded)
    assert after.clocks == left
    assert {c.key for c in before.clocks} == {c.key for c in after.clocks} | after.folded


@ROUNDS
@given(histories)
def test_folding_as_it_goes_is_folding_at_the_end(scripts: list[tuple[str, int]]) -> None:
    facts = facts_of(scripts)
    growing = case_of(facts[:1])
    for fact in facts[1:]:
        moment = as_moment(fact)
        if fact.what in "kiapz":
            changed = answer(growing, moment)
            growing = changed.ticket if changed else growing
        else:
            growing = msgspec.structs.replace(growing, moments=(*growing.moments, moment))

    whole = timed(case_of(facts))
    after = timed(growing)
    assert after.clocks == tuple(c for c in whole.clocks if c.key not in after.folded)


@pytest.mark.parametrize("text", ["А теперь?", "А сега?", "And now?"])
def test_five_hundred_exchanges_fit_into_an_event(text: str) -> None:
    book, said = Book(), []
    for n in range(500):
        when: dict[str, Any] = {"at": MONDAY + minutes(10 * n)}
        asked = a_post(f"p{n}", thread_id="p0", text=text, **when)
        said += settle(book, a_classified(asked))
        reply = a_reply(f"r{n}", f"p{n}", thread_id="p0", at=when["at"] + minutes(5))
        said += settle(book, a_classified(reply))

    assert max(len(encode(event)) for event in said) < LIMIT
    assert len(said) == 1000
    last = timed(said[-1].ticket)
    assert max(clock.cycle for clock in last.clocks if clock.name == "next_response") == 499


def test_a_fact_that_comes_to_light_in_what_was_folded_adds_nothing() -> None:
    facts = facts_of([("c a", 10)] * (KEPT + 5))
    folded = fold(case_of(facts))
    (block,) = folded.folded
    late = as_moment(facts[-1]._replace(at=block.since))

    assert block.cycles == {"next_response": 4, "silence": 4}
    assert answer(folded, late) is None


async def test_verdicts_of_what_was_folded_stay(tmp_path: Path) -> None:
    facts = facts_of([("c a", 10)] * (KEPT + 5))
    whole = case_of(facts)
    async with opened(f"sqlite:///{tmp_path}/notify.db", METADATA) as engine:
        service = Service(engine, MemoryBroker(), CollectorRegistry())
        service.tell(whole)
        await service.pump(CollectorRegistry()).run_until_idle()
        before, told = await rows(service), service.said()
        service.tell(msgspec.structs.replace(fold(whole), version=2))
        await service.pump(CollectorRegistry()).run_until_idle()

        assert (await rows(service))[1] == before[1]
        assert service.said() == told

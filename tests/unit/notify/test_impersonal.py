"""notify holds nobody: what no clock needs is not kept, so nobody is to be forgotten there.

The inputs that break the easy version: a dialogue that is named by the customer's own id, an open
promise to somebody who then asks to be forgotten, an old version of the ticket after that.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.posts import Case
from schemas.tickets import Moment, Ticket
from services.notify.domain.clocks import clocks
from services.notify.domain.settle import impersonal
from services.notify.store.tables import METADATA
from stream.memory_pump import MemoryBroker
from tests.notify_service import Service
from tests.stored import everything_in, opened
from tests.unit.notify.builders import answered, closed, ticket, wrote


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    async with opened(f"sqlite:///{tmp_path}/notify.db", METADATA) as store:
        yield store


def of_ivan(*moments: Moment, version: int = 1) -> Ticket:
    """Ivan's ticket, with all that leads to him."""
    return msgspec.structs.replace(
        ticket(*moments, version=version),
        case=Case(brand="acme", thread="dm-ivan-7", customer="ivan-7", customer_hash="b7b7"),
        conversation_id="dm-ivan-7",
        url="https://vk.example/ivan-7",
        excerpt="ivan-7: где деньги?",
    )


def test_clocks_are_the_same_without_the_customer() -> None:
    whole = of_ivan(wrote(0), answered(5), wrote(9))

    left = impersonal(whole)

    assert clocks(left.moments, left.terms) == clocks(whole.moments, whole.terms)
    assert b"ivan-7" not in msgspec.json.encode(left)
    assert b"care" in msgspec.json.encode(whole.moments)
    assert b"care" not in msgspec.json.encode(left.moments)


async def test_nothing_of_a_customer_is_ever_kept(engine: AsyncEngine) -> None:
    service = Service(engine, MemoryBroker(), CollectorRegistry())

    service.tell(of_ivan(wrote(0)))
    service.tick(61)
    await service.pump().run_until_idle()

    assert "t1" in await everything_in(engine)
    assert "ivan-7" not in await everything_in(engine)
    assert "b7b7" not in await everything_in(engine)


async def test_the_end_of_an_erased_case_stops_its_promise_for_good(engine: AsyncEngine) -> None:
    service = Service(engine, MemoryBroker(), CollectorRegistry())
    service.tell(of_ivan(wrote(0)))
    await service.pump().run_until_idle()

    service.tell(ticket(wrote(0), closed(30), version=2), of_ivan(wrote(0)))
    service.tick(600)
    await service.pump(CollectorRegistry()).run_until_idle()

    assert service.said() == [("t1", "cancelled", None)]

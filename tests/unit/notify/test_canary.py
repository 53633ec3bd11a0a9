"""A canary ends in notify: its hop is noted, and no case, clock, verdict or figure comes of it.

The inputs that break the easy version: a canary beside a real ticket in one batch; one that comes
again; a ticket of the canary on which clocks would run; a lost store that is made again from a
topic with a week of canaries.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from prometheus_client import CollectorRegistry, generate_latest

from schemas.event import CANARY, encode
from schemas.tickets import Ticket
from schemas.topics import TICKETS
from services.notify.domain.rebuilt import Rebuilt
from services.notify.store.tables import METADATA
from stream.memory_pump import MemoryBroker
from tests.notify_service import Service
from tests.stored import everything_in, opened
from tests.unit.notify.builders import at, ticket, told, wrote


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with opened(f"sqlite:///{tmp_path}/notify.db", METADATA) as engine:
        yield Service(engine, MemoryBroker(), CollectorRegistry())


def canary(name: str = "k1") -> Ticket:
    """A canary's ticket, with a promise that route would never give it."""
    found = ticket(wrote(0), name=name)
    case = msgspec.structs.replace(found.case, brand=CANARY)
    return msgspec.structs.replace(found, brand=CANARY, case=case, team=CANARY)


async def test_a_canary_leaves_nothing_and_a_real_ticket_beside_it_all(service: Service) -> None:
    service.tell(canary(), ticket(wrote(0), name="t1"), canary())
    service.tick(61)
    await service.pump().run_until_idle()

    assert service.said() == [("t1", "breached", 1.0)]
    assert CANARY not in await everything_in(service.engine)
    assert CANARY not in generate_latest(service.registry).decode()


def test_a_store_that_is_made_again_has_none_of_it() -> None:
    rebuilt = Rebuilt()

    for one in (canary("k1"), ticket(wrote(0), name="t1"), canary("k2")):
        rebuilt.happened(told(one), 3, None)

    assert [settled.case.ticket.id for settled, _ in rebuilt.placed()] == ["t1"]


async def test_its_hop_is_noted_by_its_header(service: Service) -> None:
    event = told(canary())
    headers = (("ce_type", b"TicketEvent"), ("otklik_brand", CANARY.encode()))
    service.broker.put(TICKETS.name, 3, key=b"k", value=encode(event), headers=headers)

    noted = CollectorRegistry()
    await service.pump(noted).run_until_idle()

    hop = noted.get_sample_value("otklik_canary_timestamp_seconds", {"hop": "notify"})
    assert hop == at(0).timestamp()

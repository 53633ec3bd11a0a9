"""The suite of what notify remembers, on PostgreSQL; on SQLite it is one of the fast tests."""

from collections.abc import AsyncIterator

import pytest
from prometheus_client import CollectorRegistry

from services.notify.store.tables import METADATA
from stream.memory_pump import MemoryBroker
from tests.notify_service import Service
from tests.stored import opened
from tests.verdicts import Verdicts


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
class TestOnItsStore(Verdicts):
    """On a real server."""

    @pytest.fixture
    async def service(self, database_url: str) -> AsyncIterator[Service]:
        async with opened(database_url, METADATA) as engine:
            yield Service(engine, MemoryBroker(), CollectorRegistry())

"""The suite of what notify remembers, on SQLite."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from services.notify.store.tables import METADATA
from stream.memory_pump import MemoryBroker
from tests.notify_service import Service
from tests.stored import opened
from tests.verdicts import Verdicts


class TestOnSqlite(Verdicts):
    """In a file, as the embedded default has it."""

    @pytest.fixture
    async def service(self, tmp_path: Path) -> AsyncIterator[Service]:
        async with opened(f"sqlite:///{tmp_path}/notify.db", METADATA) as engine:
            yield Service(engine, MemoryBroker(), CollectorRegistry())

"""What phones take, through the real store: what any board promises, on both databases."""

from collections.abc import AsyncIterator

import pytest
from prometheus_client import CollectorRegistry

from services.route.api.board import Board
from services.route.domain.board import Around
from services.route.domain.board import Board as Working
from services.route.domain.desk import Rules
from services.route.settings import read_needs
from services.route.store.alerts import AlertStore
from services.route.store.board import write_board
from services.route.store.tables import LEDGER, METADATA
from stream.database import create_tables, open_engine
from stream.ledger import Ledger
from stream.memory_pump import MemoryBroker
from stream.metrics import StreamMetrics
from tests.alert_timelines import TIMELINES
from tests.boards import NIGHT, BoardPromises, a_group
from tests.hands import hands


class TestStoredBoard(BoardPromises):
    """The store keeps what any board promises."""

    @pytest.fixture
    async def board(self, database_url: str) -> AsyncIterator[Board]:
        engine = open_engine(database_url)
        await create_tables(engine, METADATA)
        shared = StreamMetrics(CollectorRegistry(), "route", "test")
        rules = Rules(policy=TIMELINES[0].policy, seq=1, needs=read_needs())
        around = Around(policy=rules.policy, needs=rules.needs, now=NIGHT)
        async with engine.begin() as connection:
            group = a_group()
            working = Working(changed_groups={group.key: group})
            await write_board(connection, working, around)
        ledger = Ledger(engine, LEDGER, MemoryBroker(), shared)
        yield AlertStore(engine, ledger, hands(NIGHT), lambda: rules)
        await engine.dispose()

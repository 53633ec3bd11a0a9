"""How do tests keep route quiet? Its API with silences and the switch, on a clock that is set."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import APIRouter
from httpx import ASGITransport
from prometheus_client import CollectorRegistry

from services.route.api import api, with_quiet
from services.route.api.access import Bearer
from services.route.domain.desk import Rules
from services.route.metrics import Metrics
from services.route.store.desks import StoredDesks
from services.route.store.holding import HoldWatch, StoredHold
from services.route.store.rota import StoredRota
from services.route.store.silencing import StoredSilences
from stream.tokens import Tokens
from tests.builders import MONDAY
from tests.hands import Hands, hands
from tests.integration.route_calls import ROLES
from tests.integration.test_route_on_its_store import INSTALLED, POLICY, Running, running
from tests.tokens import bearing, tokens_file


class Replica:
    """One replica as callers see it, on the store of all."""

    def __init__(self, store: Running, clock: Hands, tokens: Path) -> None:
        self.metrics, self.engine, self.clock = Metrics(CollectorRegistry()), store.engine, clock
        rules = Rules(policy=POLICY, seq=1, needs={})
        self.watch = HoldWatch(store.engine, self.metrics, clock)
        desks = StoredDesks(store.ledger, store.alerts, lambda: rules, INSTALLED, clock)
        rota = StoredRota(store.engine, lambda: rules, clock)
        bearer = Bearer(Tokens(str(tokens)), clock)
        silences = StoredSilences(store.engine, lambda: rules, clock)
        switch = StoredHold(store.engine, self.watch, clock)
        app = api(desks, rota, bearer, self.metrics, APIRouter())
        app = with_quiet(app, silences, switch, bearer)
        self.http = httpx.AsyncClient(transport=ASGITransport(app=app), base_url="http://route")

    async def ask(self, who: str, method: str, path: str, body: Any = None) -> httpx.Response:
        return await self.http.request(method, path, headers=bearing(who), json=body)

    def held(self) -> float:
        """What the gauge shows."""
        (family,) = self.metrics.alerts_held.collect()
        return family.samples[0].value


@pytest.fixture
async def replicas(database_url: str, tmp_path: Path) -> AsyncIterator[tuple[Replica, Replica]]:
    """Two replicas on one store."""
    clock = hands(MONDAY)
    async with running(database_url, tmp_path) as store:
        tokens = tokens_file(tmp_path, **ROLES)
        one, other = Replica(store, clock, tokens), Replica(store, clock, tokens)
        yield one, other
        await one.http.aclose()
        await other.http.aclose()

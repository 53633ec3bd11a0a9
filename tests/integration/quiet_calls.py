"""How do tests keep route quiet? Its API with silences and the switch, on a clock that is set."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
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
from stream.clock import Clock
from stream.tokens import Tokens
from tests.builders import MONDAY
from tests.integration.route_calls import ROLES
from tests.integration.test_route_on_its_store import INSTALLED, POLICY, Running, running
from tests.tokens import bearing, tokens_file


class SetClock(Clock, frozen=True, kw_only=True):
    """A clock that stands until somebody sets it."""

    at: list[datetime] = msgspec.field(default_factory=lambda: [MONDAY])

    def now(self) -> datetime:
        return self.at[-1]

    def real(self) -> datetime:
        return self.at[-1]

    def monotonic(self) -> float:
        return (self.at[-1] - MONDAY).total_seconds()

    def passes(self, **time: float) -> datetime:
        """Let so much time pass."""
        self.at.append(self.at[-1] + timedelta(**time))
        return self.at[-1]


def set_clock() -> SetClock:
    return SetClock(start=MONDAY, real_start=MONDAY)


class Replica:
    """One replica as callers see it, on the store of all."""

    def __init__(self, store: Running, clock: SetClock, tokens: Path) -> None:
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
    clock = set_clock()
    async with running(database_url, tmp_path) as store:
        tokens = tokens_file(tmp_path, **ROLES)
        one, other = Replica(store, clock, tokens), Replica(store, clock, tokens)
        yield one, other
        await one.http.aclose()
        await other.http.aclose()

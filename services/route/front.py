"""How is the HTTP face put together? What people and systems call, and what phones do."""

from collections.abc import Callable

import httpx
from fastapi import APIRouter, FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from services.route.api import api, with_quiet, with_reports
from services.route.api.access import Bearer
from services.route.api.board import Taking
from services.route.api.doors import doors
from services.route.api.links import Links, Takers, link_routes
from services.route.api.phone import Whisper, callback_routes
from services.route.channels.slack_bot import SlackWhisper
from services.route.domain.desk import Rules
from services.route.domain.needs import words_of
from services.route.metrics import Metrics
from services.route.settings import Settings, names, phones
from services.route.store.alerts import AlertStore
from services.route.store.costs import StoredCosts
from services.route.store.desks import StoredDesks
from services.route.store.drills import StoredDrills
from services.route.store.holding import HoldWatch, StoredHold
from services.route.store.rota import StoredRota
from services.route.store.silencing import StoredSilences
from stream.clock import Clock
from stream.tokens import Tokens


class Front:
    """Everything that answers over HTTP, on one store."""

    def __init__(
        self,
        settings: Settings,
        engine: AsyncEngine,
        rules: Callable[[], Rules],
        tokens: Tokens,
        clock: Clock,
    ) -> None:
        self._tokens = tokens
        self._settings, self._engine, self._rules, self._clock = settings, engine, rules, clock
        self._rota = StoredRota(engine, rules, clock)

    def web(
        self,
        desks: StoredDesks,
        held: HoldWatch,
        metrics: Metrics,
        *open_to_all: APIRouter,
    ) -> FastAPI:
        """The application; what is open to all needs no bearer token."""
        engine, clock = self._engine, self._clock
        bearer = Bearer(self._tokens, clock)
        whole = api(desks, self._rota, bearer, metrics, *open_to_all)
        costs = StoredCosts(engine, self._rules, clock)
        whole = with_reports(whole, costs, StoredDrills(engine, clock), bearer)
        silences = StoredSilences(engine, self._rules, clock)
        return with_quiet(whole, silences, StoredHold(engine, held, clock), bearer)

    def phones(
        self, alerts: AlertStore, client: httpx.AsyncClient, metrics: Metrics
    ) -> tuple[APIRouter, APIRouter]:
        """What phones and their providers call."""
        taking = Taking(alerts, words_of(self._rules().needs), self._clock, metrics)
        takers = Takers(self._rota, lambda: self._rules().policy.everybody)
        return phone_routes(self._settings, taking, takers, SlackWhisper(client))


def phone_routes(
    settings: Settings, taking: Taking, takers: Takers, whisper: Whisper
) -> tuple[APIRouter, APIRouter]:
    """What providers and phones call; raises ``BadSettings`` for a secret that opens no door."""
    reached = phones(settings)
    found = doors(names(settings.channels, "CHANNELS"), reached.callback_secrets)
    links = Links(taking, takers, reached)
    return callback_routes(found, taking, whisper), link_routes(links)

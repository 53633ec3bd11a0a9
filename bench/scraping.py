"""How long does a scrape of notify take? Through its app, with every series that it can have."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import product

import httpx
from prometheus_client import CollectorRegistry

from bench.past_clocks import NOW, pair_of
from schemas.states import ClockName, PriorityBand, SlaState
from services.notify.api import Readable, api
from services.notify.app import Reporter
from services.notify.domain.figures import BOUNDS, SPANS, TARGET, Facts
from services.notify.handlers import SERVICE
from services.notify.metrics import FactsCollector, Metrics, Pairs
from services.notify.settings import read
from stream.clock import parse_clock
from stream.database import open_engine
from stream.metrics import StreamMetrics
from stream.probes import Probes, probe_routes
from stream.tokens import Tokens

BANDS = [band.value for band in PriorityBand if band is not PriorityBand.unknown]
CLOCKS = [clock.value for clock in ClockName if clock is not ClockName.unknown]
VERDICTS = (SlaState.met.value, SlaState.breached.value, SlaState.cancelled.value)
ANSWERS = (ClockName.first_response.value, ClockName.next_response.value)
AGES = ("1h", "6h", "24h", "older")
TOLD = ("running", "at_risk", "breached")


def scrapes_ms(pairs: int, scrapes: int) -> Sequence[float]:
    """Milliseconds of each of so many scrapes; all facts and each tenth counter change between."""
    return asyncio.run(_scraped(Filled(pairs), scrapes))


class Filled:
    """Notify's registry once so many brand-teams have had everything that can be counted."""

    def __init__(self, pairs: int) -> None:
        self.registry, known = CollectorRegistry(), Pairs()
        self._teams = [pair_of(number) for number in range(pairs)]
        StreamMetrics(self.registry, SERVICE, "bench")
        self._metrics = Metrics(self.registry, known)
        self._metrics.promise(dict.fromkeys(CLOCKS, 90.0), dict.fromkeys(BOUNDS, 80.0))
        self._facts = FactsCollector(known, _now, refresh_seconds=5)
        self.registry.register(self._facts)
        self.pass_time(turn=0, every=1)

    def pass_time(self, *, turn: int, every: int = 10) -> None:
        """All facts change, and one in so many of what is counted."""
        teams, metrics = self._teams, self._metrics
        kinds = list(product(teams, BANDS, CLOCKS, VERDICTS))
        for (brand, team), band, clock, verdict in kinds[::every]:
            metrics.verdicts.count(brand, team, band, clock, verdict)
            metrics.corrections.labels(brand, clock).inc()
        for (brand, team), measured in list(product(teams, ("wall", "working")))[::every]:
            metrics.response_seconds.observe(brand, team, measured, seconds=1)
        self._facts.put(facts_of(teams, turn))


def facts_of(teams: Sequence[tuple[str, str]], turn: int) -> Facts:
    """Facts in which these teams have a case of every kind; each turn has values of its own."""
    parts = product(ANSWERS, (*BOUNDS, TARGET), SPANS, ("actual", "previous"), ("within", "all"))
    return Facts(
        open_tickets=dict(_each(teams, turn, product(BANDS, AGES))),
        open_clocks=dict(_each(teams, turn, product(BANDS, CLOCKS, TOLD))),
        attainment=dict(_each(teams, turn, parts)),
        oldest=dict(_each(teams, turn, product(BANDS))),
    )


def _each(
    teams: Sequence[tuple[str, str]], turn: int, kinds: Iterator[tuple[str, ...]]
) -> Iterator[tuple[tuple[str, ...], float]]:
    for number, (pair, kind) in enumerate(product(teams, kinds)):
        yield (*pair, *kind), float(number + turn)


def _now() -> datetime:
    return NOW


async def _scraped(filled: Filled, scrapes: int) -> Sequence[float]:
    probes, clock = Probes(time.monotonic), parse_clock("")
    reporter = Reporter(open_engine("sqlite://"), read({}))
    routes = probe_routes(probes, filled.registry)
    transport = httpx.ASGITransport(api(reporter, Readable(Tokens(), clock), routes))
    took = []
    async with httpx.AsyncClient(transport=transport, base_url="http://notify") as client:
        await _scrape(client)  # the first pays for what is made once
        for turn in range(1, scrapes + 1):
            filled.pass_time(turn=turn)
            took.append(await _scrape(client))
    return took


async def _scrape(client: httpx.AsyncClient) -> float:
    started = time.perf_counter()
    answer = await client.get("/metrics")
    took = time.perf_counter() - started
    answer.raise_for_status()
    return took * 1000

"""Who watches is told of what is wrong, of nothing else, and when it is over: with real servers.

Four services run on a real Kafka, customers write, a real Prometheus scrapes them and evaluates the
rules of the chart, a real Alertmanager tells a receiver. The inputs that break the easy version: a
service that is gone takes its metrics with it; a source falls silent while others of its kind talk;
one of three channels refuses; and a while in which nothing is wrong.
"""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import pytest

from deploy.demo.settings import settings
from deploy.demo.stack import Stack, start_service, start_services, wait_ready
from schemas.topics import SERVICES, TOPICS
from stream.clock import parse_clock
from stream.topic_admin import Cluster, create
from tests.faults.alert_life import until
from tests.faults.paced_rules import alerts_of
from tests.faults.servers import Broker
from tests.faults.talk import Talk
from tests.faults.watch import PACE, RULES, News, Told, Watch, watching
from tests.integration.test_rules import grouped
from tests.provider import TAKES, Answer, Provider

PARTITIONS = 12
PATIENCE = 60
"""Seconds for each step: a fault is told of, or its end is."""
QUIET = 20
"""Scrapes of each service in a row before anything is struck: ten minutes at this pace."""
CHANNELS = ("fraud-alerts", "care-alerts", "lead-alerts")
REFUSES = Answer(503)
USUAL_SILENCE = {"airline": 2, "shop": 2}
"""Minutes after which a silence is unusual; nobody has said it of the bank."""
NOT_YET = {
    "otklik_dead_letters_total",
    "otklik_sla_corrections_total",
    "otklik_sla_verdicts_total",
}
"""What begins to be exported with the first of it; in this test there is none."""

LOST = {
    Told("OtklikCanaryLost", f"hop={hop}", "page", "sre") for hop in ("route", "channel", "notify")
}
"""What passes route on its way comes no further."""
GONE = Told("OtklikServiceGone", "namespace=shop service=route", "page", "sre")
SILENT = Told("OtklikSourceSilent", "brand=lavka source=generic", "ticket", "sre")
FAILS = Told("OtklikChannelFails", "channel=fraud-alerts", "ticket", "sre")
WAITS = Told("OtklikAlertsReachNobody", "channel=fraud-alerts", "page", "sre")


class Seen(NamedTuple):
    """What the receiver was told in each part of it, and how customers were answered.

    ``was_well``: all were scraped for a while, and in the end no rule was about to fire;
    ``unseen`` are the metrics that a rule looks at and nobody exports with the rule's labels.
    """

    quiet: Sequence[News]
    killed: Sequence[News]
    silenced: Sequence[News]
    blocked: Sequence[News]
    was_well: bool
    unseen: set[str]
    answers: set[int]


class Installation(NamedTuple):
    """What is struck, and who watches."""

    stack: Stack
    provider: Provider
    watch: Watch
    talk: Talk


@pytest.fixture(scope="module")
def seen(broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """Everything has been struck and mended, and nothing runs any more."""
    cluster = Cluster(bootstrap=broker.bootstrap, prefix="twatch", partitions=PARTITIONS)
    asyncio.run(create(cluster, TOPICS))
    folder = tmp_path_factory.mktemp("watch")
    with Provider() as provider, _running(cluster, provider, folder) as stack:
        (folder / "watch").mkdir()
        with watching(stack, provider, folder / "watch") as watch:
            talk = Talk(stack.addresses["hooks"], parse_clock(""))
            return asyncio.run(_struck(Installation(stack, provider, watch, talk)))


@contextmanager
def _running(cluster: Cluster, provider: Provider, folder: Path) -> Iterator[Stack]:
    """Four services whose channels lead to the provider."""
    channels = {name: f"{provider.address}/{name}" for name in CHANNELS}
    given = settings(folder, alerts="log:")
    own = {"CHANNELS": json.dumps(channels), "BRANDS": str(_brands(folder, given["BRANDS"]))}
    own |= {"CANARY_SECONDS": str(60 / PACE)}
    stack = Stack(cluster=cluster, addresses={}, folder=folder)
    try:
        start_services(stack, {**given, **own})
        wait_ready(stack)
        yield stack
    finally:
        stack.stop()


def _brands(folder: Path, given: str) -> Path:
    """The demo's, two of whose accounts are known not to be silent for long."""
    text = Path(given).read_text(encoding="utf-8")
    for account, minutes in USUAL_SILENCE.items():
        line = f"        id: {account}\n"
        assert text.count(line) == 1
        text = text.replace(line, f"{line}        expected_interval_minutes: {minutes}\n")
    file = folder / "brands.yaml"
    file.write_text(text, encoding="utf-8")
    return file


async def _struck(here: Installation) -> Seen:
    """A quiet while, then each fault after the other; each is mended before the next."""
    talking = asyncio.create_task(here.talk.go_on())
    try:
        was_well = await _in_time(lambda: _has_scraped(here.watch, QUIET))
        quiet = here.watch.news()
        killed = await _episode(here, _kill_route, {GONE, *LOST}, _start_route)
        silenced = await _episode(here, _silence_shop, {SILENT}, _let_shop_speak)
        blocked = await _episode(here, _block_fraud, {FAILS, WAITS}, _open_fraud)
        unseen = {one for one in looked_at() if not await here.watch.value(f"count({one})")}
    finally:
        talking.cancel()
        with suppress(asyncio.CancelledError):
            await talking
    answers = set(here.talk.answers)
    return Seen(quiet, killed, silenced, blocked, was_well, unseen, answers)


def looked_at() -> Iterator[str]:
    """Every metric that an alert looks at, with the labels by which it groups."""
    for rule in alerts_of(RULES.read_text(encoding="utf-8")):
        by = sorted(grouped(rule["expr"]) - {"le"})  # of a histogram's buckets alone
        labels = ", ".join(f'{label}!=""' for label in by)
        for metric in sorted(set(re.findall(r"\botklik_\w+", rule["expr"]))):
            yield f"{metric}{{{labels}}}"


async def _has_scraped(watch: Watch, times: int) -> bool:
    """Has every service been scraped so often, and nothing is about to fire?"""
    each = await watch.value(f"count(sum_over_time(up[1h]) >= {times})")
    return each == len(SERVICES) and not await watch.active()


Act = Callable[[Installation], Awaitable[None]]


async def _episode(here: Installation, strike: Act, wanted: set[Told], mend: Act) -> Sequence[News]:
    """Strike, and mend once those are told of and nothing else is about to fire."""
    before = len(here.watch.news())
    await strike(here)
    await _in_time(lambda: _are_told(here.watch, wanted))
    await mend(here)
    await _in_time(lambda: _are_over(here.watch, wanted))
    return here.watch.news()[before:]


async def _in_time(look: Callable[[], Awaitable[bool]]) -> bool:
    """Wait until it is so; False where it does not come, and what was told says the rest."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await until(look)
    except TimeoutError:
        return False


async def _are_told(watch: Watch, wanted: set[Told]) -> bool:
    """Do these fire, and is nothing on its way that the receiver does not know?"""
    return wanted <= watch.firing() and await watch.active() <= watch.firing()


async def _are_over(watch: Watch, wanted: set[Told]) -> bool:
    return not wanted & watch.firing() and await watch.active() <= watch.firing()


async def _kill_route(here: Installation) -> None:
    route = here.stack.children["route"]
    route.kill()


async def _start_route(here: Installation) -> None:
    port = here.stack.addresses["route"].rpartition(":")[2]
    start_service(here.stack, "route", {"PORT": port})
    await asyncio.to_thread(wait_ready, here.stack)


async def _silence_shop(here: Installation) -> None:
    here.talk.silent.add("shop")


async def _let_shop_speak(here: Installation) -> None:
    here.talk.silent.clear()


async def _block_fraud(here: Installation) -> None:
    here.provider.tells("/fraud-alerts", REFUSES)
    await here.talk.cry("bank", 3)


async def _open_fraud(here: Installation) -> None:
    here.provider.tells("/fraud-alerts", TAKES)


def test_nobody_is_told_of_anything_while_all_is_well(seen: Seen) -> None:
    assert seen.was_well
    assert seen.quiet == []
    assert seen.answers == {202}


def test_every_rule_sees_what_it_looks_at_but_counters_of_what_has_not_happened(
    seen: Seen,
) -> None:
    assert {one.partition("{")[0] for one in seen.unseen} == NOT_YET


def test_a_service_that_is_killed_is_told_of_and_its_return_too(seen: Seen) -> None:
    assert sorted(seen.killed) == sorted(
        News(told, firing=firing) for told in (GONE, *LOST) for firing in (True, False)
    )


def test_a_source_that_falls_silent_is_told_of_and_its_return_too(seen: Seen) -> None:
    assert seen.silenced == [News(SILENT, firing=True), News(SILENT, firing=False)]


def test_a_channel_that_refuses_is_told_of_and_its_return_too(seen: Seen) -> None:
    assert set(seen.blocked) == {
        News(told, firing=firing) for told in (FAILS, WAITS) for firing in (True, False)
    }
    assert len(seen.blocked) == 4

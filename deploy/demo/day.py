"""How does the demo run from start to end? Kafka, services, a day, the report; nothing stays."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import UTC, timedelta
from pathlib import Path

import msgspec
import uvicorn

from deploy.demo import report, sums
from deploy.demo.forget import forget
from deploy.demo.lateness import lateness
from deploy.demo.player import Phone, Player
from deploy.demo.record import Record, read_record
from deploy.demo.script import DAY, Line, read_day
from deploy.demo.settings import SECRET, TOKEN, settings
from deploy.demo.settling import settled
from deploy.demo.stack import (
    ROOT,
    Say,
    Stack,
    free_ports,
    save_metrics,
    start_broker,
    start_services,
    wait_ready,
)
from deploy.local.process import LaunchError
from services.notify.reports.words import Language, words
from stream.clock import Clock, parse_clock

FACTOR = 6000
SHORTEST = timedelta(seconds=7)
"""Real time that the services get to start before the day begins; on a slow machine more."""
WATCH = """
A day of a bank, an airline and a shop. Watch for this:
  not every post gets an answer, and every "no" has a reason
  every case has one owner and one clock; a bot stops none
  an alarm is on somebody's phone within seconds; 30 posts about one outage ring once
  a promise that runs late lifts its case up the team's ladder, and calls who stands there
  nothing is lost, nothing is deleted; what cannot be understood is kept
  the rules are yours: services/route/policy/default.yaml
"""
FILE = Path(__file__).with_name("day.yaml")
CLOCKS = {
    "first_response": "the first thing the customer wrote → "
    "an acknowledgement or an answer by a person",
    "next_response": "the earliest unanswered words after a first answer → "
    "an answer (an acknowledgement is none)",
    "silence": "our last word to somebody who still waits → our next word",
    "promise": "our words that name a date, or that we will come back → our next word, in time",
    "resolution": "the first thing the customer wrote, or reopening → closing",
    "ack": "the first thing the customer wrote, or reopening → our first word",
    "private": "the first acknowledgement → the private answer; a public one cancels it",
    "closing": "the first acknowledgement or private answer → the closing note in public",
}
"""What each clock of the table measures, from where to where."""
NOTE = """(the demo's people answer few on purpose; the day before has no data)"""

LATE = """
LATE, and told up the team's ladder (counted from the topics; at this speed most clocks pass
75 % and 100 % between two ticks, and then only the higher is announced)"""


class Play(msgspec.Struct, frozen=True, kw_only=True):
    """What is played from Monday midnight, for how long, and what the viewer is told of it."""

    lines: list[Line]
    days: int = 1
    period: str = f"{DAY:%Y-%m-%d}"
    note: str = NOTE


def play_day(folder: Path, say: Say) -> None:
    """Play the day and tell what happened; raises where anything failed."""
    say(WATCH)
    play(folder, Play(lines=read_day(FILE)), say)


def play(folder: Path, what: Play, say: Say) -> None:
    """Play lines on services that run at the clock's speed, and tell what happened."""
    for starting in (SHORTEST, 3 * SHORTEST, 9 * SHORTEST):
        say("starting a real Kafka")
        stack = start_broker(folder, "demo", say)
        try:
            (port,) = free_ports(1)
            clock = _started(stack, folder, port, starting, say)
            if clock.now() < what.lines[0].instant:
                _run(stack, what, clock, port, say)
                return
            say("the services took longer to start than the day could wait; once more")
        finally:
            stack.stop_services()
            forget(stack)
            stack.stop()
    raise LaunchError("the services start too slowly here, even when given a minute")


def _started(stack: Stack, folder: Path, port: int, starting: timedelta, say: Say) -> Clock:
    say("starting four services: ingest, classify, route, notify")
    epoch = (parse_clock("").real() + starting).timestamp()
    clock = f"{DAY.astimezone(UTC).isoformat()}@{FACTOR}x/{epoch:.3f}"
    alerts = f"http://127.0.0.1:{port}/alerts"
    start_services(stack, settings(folder, alerts=alerts, clock=clock))
    wait_ready(stack)
    return parse_clock(clock)


def _run(stack: Stack, what: Play, clock: Clock, port: int, say: Say) -> None:
    say(f"playing {DAY:%A %d %B} at {FACTOR} times its speed")
    rang = asyncio.run(_play(stack, what, clock, port, say))
    save_metrics(stack)
    record = read_record(stack)
    record.save(stack.folder / "events.jsonl")
    tell(record, what.lines, rang, say)
    _attainment(stack, what, say)


async def _play(stack: Stack, what: Play, clock: Clock, port: int, say: Say) -> dict[str, float]:
    phone = Phone(clock)
    player = Player(stack, clock, secret=SECRET, token=TOKEN, phone=phone)
    async with _ringing(phone, port):
        await player.play(what.lines, say)
        say("the day is over, waiting for its last clocks")
        async with asyncio.timeout(60):
            await settled(stack, DAY + timedelta(days=what.days))
    refused = {name: code for name, code in player.answers.items() if code != 202}
    if refused:
        raise LaunchError(f"ingest refused {refused}")
    return player.rang()


@contextlib.asynccontextmanager
async def _ringing(phone: Phone, port: int) -> AsyncIterator[None]:
    config = uvicorn.Config(
        phone.app(), host="127.0.0.1", port=port, log_config=None, access_log=False
    )
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    try:
        yield
    finally:
        server.should_exit = True
        await running


def tell(record: Record, lines: list[Line], rang: dict[str, float], say: Say) -> None:
    """The scenes, the table, the totals, the dead letters."""
    tags = {line.id: line.scene for line in lines if line.id and line.scene}
    for line in report.scenes(record, tags, rang):
        say(line)
    say("\nTWELVE POSTS of the day (times are Sofia's; `now` is when a person of the demo acted)")
    for line in report.table(record, tags):
        say(line)
    for line in sums.summary(record, sum(line.is_post for line in lines)):
        say(line)
    say(LATE)
    for line in lateness(record, tags):
        say(line)
    say("\nKEPT ASIDE, signed and yet not to be understood")
    for line in sums.dead(record):
        say(line)


def _attainment(stack: Stack, what: Play, say: Callable[[str], None]) -> None:
    say("\nPROMISES kept: within target, of all that were kept, broken or are overdue")
    say(what.note)
    pages = stack.folder / "report"
    told = ("report", "--period", what.period, "--only", "attainment", "--write", str(pages))
    say(stack.ask("notify", *told).rstrip())
    say(f"all figures, with plots: {pages.relative_to(ROOT)}/report.html\n")
    for clock, measured in CLOCKS.items():
        say(f"{words(Language.en).label('clock', clock):<15}  {measured}")

"""What would it make of your posts? Imports a file of yours into a running installation."""

import asyncio
import json
from pathlib import Path

from deploy.demo import report, sums
from deploy.demo.conversations import DAYS, on_the_day, read_conversations
from deploy.demo.day import Play, play
from deploy.demo.forget import forget
from deploy.demo.record import read_record
from deploy.demo.script import BRANDS, DAY
from deploy.demo.settings import settings
from deploy.demo.settling import settled
from deploy.demo.stack import Say, Stack, start_broker, start_services, wait_ready
from deploy.demo.tweets import inbound, is_tweets
from deploy.local.process import LaunchError
from stream.clock import parse_clock

ACCOUNT = "generic/shop"
LATER = f"written after {DAYS} days, so the case stays open"


def play_file(folder: Path, posts: Path, say: Say) -> None:
    """Play a file: conversations on the demo's clock, all else as posts that lie in the past."""
    if not posts.exists():
        raise LaunchError(f"expected a file of posts, there is no {posts}")
    if posts.suffix == ".json":
        play_conversations(folder, posts, say)
    elif posts.suffix in {".csv", ".jsonl"}:
        expect_commas(posts)
        _import(folder, posts, say)
    else:
        raise LaunchError(f"expected a .csv, .jsonl or .json file, got {posts.name}")


def expect_commas(posts: Path) -> None:
    """Raise ``LaunchError`` for a CSV whose header is one column with semicolons in it."""
    with posts.open(encoding="utf-8", errors="replace") as lines:
        header = lines.readline()
    if posts.suffix == ".csv" and ";" in header and "," not in header:
        raise LaunchError(f"{posts.name}: expected columns divided by commas, got semicolons")


def play_conversations(folder: Path, posts: Path, say: Say) -> None:
    """Play dialogues of customers and companies, and tell which answers came in time."""
    found = read_conversations(posts)
    lines = on_the_day(found)
    if not lines:
        raise LaunchError(f"{posts.name}: expected conversations that begin with a customer")
    say(f"{len(found.dialogues)} conversations, {len(lines)} messages; each is played from Monday")
    say(f"at its own time of day with its own pauses; all companies as {ACCOUNT}")
    for why, count in {**found.left_out, LATER: len(found.turns) - len(lines)}.items():
        if count:
            say(f"left out: {count} x {why}")
    note = "(the answers are the companies' own, at their own pace; the targets are the demo's)"
    play(folder, Play(lines=lines, days=DAYS, period=f"{DAY:%Y-%m}", note=note), say)


def _import(folder: Path, posts: Path, say: Say) -> None:
    """Import the posts, wait for their decisions, and tell what was decided."""
    say("starting a real Kafka and four services")
    stack = start_broker(folder, "demo", say)
    try:
        start_services(stack, settings(folder, alerts="log:"))
        wait_ready(stack)
        say(f"importing {posts}")
        total = _imported(stack, _readable(posts, folder))
        say(f"{total['accepted']} of {total['rows']} rows accepted for {ACCOUNT}")
        say("These posts are from the past: cases are opened, nobody is paged.")
        asyncio.run(settled(stack, parse_clock("").now()))
        record = read_record(stack)
        record.save(folder / "events.jsonl")
        for line in report.table(record, {}):
            say(line)
        for line in (*sums.summary(record, total["accepted"]), *sums.dead(record)):
            say(line)
    finally:
        stack.stop_services()
        forget(stack)
        stack.stop()


def _readable(posts: Path, folder: Path) -> Path:
    """The file itself, or what a table of tweets holds as JSON Lines."""
    if posts.suffix != ".csv" or not is_tweets(posts):
        return posts
    converted = folder / "posts.jsonl"
    converted.write_bytes(b"".join(inbound(posts, mentioned=BRANDS["shop"])))
    return converted


def _imported(stack: Stack, posts: Path) -> dict[str, int]:
    answer = stack.ask("ingest", "import", str(posts.resolve()), "--account", ACCOUNT)
    total: dict[str, int] = json.loads(answer.rstrip().rpartition("\n")[2])
    return total

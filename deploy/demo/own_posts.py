"""What would it make of your posts? Imports a file of yours into a running installation."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

from deploy.demo import report
from deploy.demo.forget import forget
from deploy.demo.record import read_record
from deploy.demo.settings import settings
from deploy.demo.settling import settled
from deploy.demo.stack import ROOT, Say, start_broker, start_services, wait_ready
from deploy.local.process import LaunchError
from stream.clock import parse_clock

ACCOUNT = "generic/shop"


def play_file(folder: Path, posts: Path, say: Say) -> None:
    """Import the posts, wait for their decisions, and tell what was decided."""
    if not posts.exists():
        raise LaunchError(f"expected a file of posts, there is no {posts}")
    if posts.suffix not in {".csv", ".jsonl"}:
        raise LaunchError(f"expected a .csv or .jsonl file, got {posts.name}")
    say("starting a real Kafka and four services")
    stack = start_broker(folder, "demo", say)
    try:
        start_services(stack, settings(folder, alerts="log:"))
        wait_ready(stack)
        say(f"importing {posts}")
        command = [sys.executable, "-m", "services.ingest", "import", str(posts.resolve())]
        done = subprocess.run(
            [*command, "--account", ACCOUNT],
            cwd=ROOT,
            env=stack.environment("ingest"),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise LaunchError(f"the import failed: {done.stderr.strip()}")
        total = json.loads(done.stdout.rstrip().rpartition("\n")[2])
        say(f"{total['accepted']} of {total['rows']} rows accepted for {ACCOUNT}")
        say("imported posts open cases and call nobody: who is paged for the past?")
        asyncio.run(settled(stack, parse_clock("").now()))
        record = read_record(stack)
        record.save(folder / "events.jsonl")
        for line in report.table(record, {}):
            say(line)
        say("\n" + report.totals(record, total["accepted"]))
        for line in report.unanswered(record):
            say(line)
        for line in report.dead(record):
            say(line)
    finally:
        stack.stop_services()
        forget(stack)
        stack.stop()

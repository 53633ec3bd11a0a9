"""See it work: ``python -m deploy.demo [--posts FILE] | up | down``."""

import argparse
import fcntl
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aiokafka.errors import KafkaConnectionError, KafkaError
from httpx import HTTPError

from deploy.demo.day import play_day
from deploy.demo.keep import down, up
from deploy.demo.own_posts import play_file
from deploy.demo.stack import ROOT
from deploy.local.process import LaunchError
from stream.topic_admin import TopicsDiffer

RUN = ROOT / ".run"
NEXT = """
What next?
  make why POST=1         why the first post was decided so (any number, or an id)
  make demo POSTS=FILE    your own posts, JSON Lines or CSV
  make up                 keep it running; services/route/policy/default.yaml holds the rules"""


def main(arguments: list[str]) -> int:
    """Run one command; 0 done, 1 with what failed."""
    parser = argparse.ArgumentParser(prog="python -m deploy.demo")
    parser.add_argument("action", nargs="?", choices=["day", "up", "down"], default="day")
    parser.add_argument("--posts", type=Path, help="JSON Lines or CSV of your own posts")
    chosen = parser.parse_args(arguments)
    started = time.monotonic()
    failed = []
    try:
        _act(chosen.action, chosen.posts)
    except* KeyboardInterrupt:
        failed.append("stopped by hand")
    except* (LaunchError, TopicsDiffer, OSError, TimeoutError, KafkaError, HTTPError) as group:
        failed.extend(map(_in_words, group.exceptions))
    for line in failed:
        say(f"FAILED: {line}")
    if not failed:
        say(f"\n({time.monotonic() - started:.0f} s)")
    return int(bool(failed))


def say(line: str) -> None:
    """One line for the person who watches."""
    print(line, flush=True)


def _in_words(error: BaseException) -> str:
    if isinstance(error, LaunchError | TopicsDiffer):
        return str(error)
    if isinstance(error, KafkaConnectionError):
        return "no broker answers at KAFKA_BOOTSTRAP_SERVERS"
    return f"{type(error).__name__}: {error}"


@contextmanager
def _alone() -> Iterator[None]:
    """Hold the folder of demos: two at once would tread on each other's files."""
    RUN.mkdir(exist_ok=True)
    with (RUN / "demo.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise LaunchError("another demo is running in this folder") from error
        yield


def _act(action: str, posts: Path | None) -> None:
    if action == "up":
        up(RUN / "up", say)
    elif action == "down":
        down(RUN / "up", say)
    else:
        with _alone():
            play_file(RUN / "demo", posts, say) if posts else play_day(RUN / "demo", say)
        say(NEXT)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

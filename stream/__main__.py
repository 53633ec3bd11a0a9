"""What an operator asks of the broker: ``python -m stream topics | dead-letters | doctor``."""

import argparse
import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from datetime import datetime

import msgspec
from aiokafka.errors import KafkaError

from schemas.dead_letters import Reason
from schemas.event import Topic
from schemas.topics import SERVICES, TOPICS
from schemas.topics import dead_letters as letters_of
from schemas.topics import retry as retry_of
from stream.allowed import reads
from stream.canary import seen
from stream.clock import parse_clock
from stream.dead_letters import Row, Shelf, Wanted, kept_aside, listed, replay, shown
from stream.doctor import examine
from stream.doctor_findings import Finding, Ward
from stream.doctor_store import examine_store
from stream.drain import drained
from stream.rewind import rewind
from stream.settings import BadSettings, StreamSettings, load
from stream.topic_admin import Cluster, TopicsDiffer, check, cluster_of, create


class Settings(StreamSettings, frozen=True, kw_only=True, rename="upper"):
    """The command's own: those of every service, and the store that the doctor looks at."""

    database_url: str = ""


Run = Callable[[Cluster, argparse.Namespace], Coroutine[None, None, int]]
"""One command: the installation and what was asked; returns the exit code."""


def main(arguments: list[str]) -> int:
    """Run one command: 0 done, 1 not wholly done or the broker is away, 2 bad usage."""
    parser = _parser()
    chosen = parser.parse_args(arguments)
    named = [getattr(chosen, name, None) is None for name in ("partition", "offset")]
    if any(named) and not all(named):
        parser.error("--partition and --offset name one letter together")
    try:
        settings = load(Settings, os.environ)  # noqa: TID251 - the command's own settings
        chosen.settings = settings
        cluster = cluster_of(settings, getattr(chosen, "replication", 1))
        run: Run = chosen.run
        return asyncio.run(run(cluster, chosen))
    except BadSettings as error:
        print(error, file=sys.stderr)
        return 2
    except (TopicsDiffer, KafkaError) as error:
        print(error, file=sys.stderr)
        return 1


async def _topics(cluster: Cluster, chosen: argparse.Namespace) -> int:
    await {"create": create, "check": check}[chosen.action](cluster, TOPICS)
    print(f"{len(TOPICS)} topics under {cluster.prefix}, {cluster.partitions} partitions each")
    return 0


async def _list(cluster: Cluster, chosen: argparse.Namespace) -> int:
    for service in [chosen.service] if chosen.service else SERVICES:
        kept = await kept_aside(cluster, _shelf(service), Wanted(reason=chosen.reason))
        _print(map(listed, kept))
    return 0


async def _show(cluster: Cluster, chosen: argparse.Namespace) -> int:
    wanted = Wanted(place=(chosen.partition, chosen.offset))
    kept = await kept_aside(cluster, _shelf(chosen.service), wanted)
    _print(map(shown, kept))
    return 0 if kept else _nothing(chosen)


async def _replay(cluster: Cluster, chosen: argparse.Namespace) -> int:
    shelf = _shelf(chosen.service)
    place = None if chosen.partition is None else (chosen.partition, chosen.offset)
    letters = await kept_aside(cluster, shelf, Wanted(reason=chosen.reason, place=place))
    if place and not letters:
        return _nothing(chosen)
    totals = dict.fromkeys(("replayed", "same_as_earlier", "not_replayable", "unreadable"), 0)
    async for kept, result in replay(cluster, shelf, letters):
        totals[result] += 1
        _print([{**kept.where, "result": result}])
    _print([{"service": shelf.service, "totals": totals}])
    return int(bool(totals["not_replayable"] or totals["unreadable"]))


async def _canary(_: Cluster, chosen: argparse.Namespace) -> int:
    came, line = await seen(chosen.at, chosen.within, parse_clock(""))
    print(line)
    return int(not came)


async def _rewind(cluster: Cluster, chosen: argparse.Namespace) -> int:
    settings: Settings = chosen.settings
    topics = _read_by(chosen.service)
    found = rewind(cluster, chosen.service, topics, chosen.since, settings.database_url)
    async for one in found:
        _print([msgspec.to_builtins(one)])
    return 0


async def _drain(cluster: Cluster, chosen: argparse.Namespace) -> int:
    settings: Settings = chosen.settings
    if not settings.database_url:
        raise BadSettings("DATABASE_URL: expected the store of the service")
    count = await drained(cluster, chosen.service, settings.database_url)
    print(f"{chosen.service}: {count} events were stored and not yet told; they are now")
    return 0


async def _doctor(cluster: Cluster, chosen: argparse.Namespace) -> int:
    settings: Settings = chosen.settings
    services = [chosen.service] if chosen.service else SERVICES
    reads = {service: topics for service in services if (topics := _read_by(service))}
    writes = {service: _written_by(service) for service in services}
    theirs = {topic.name for topics in (*reads.values(), *writes.values()) for topic in topics}
    ward = Ward(
        cluster=cluster,
        topics=[topic for topic in TOPICS if topic.name in theirs or not chosen.service],
        shelves=[_shelf(service) for service in services],
        reads=reads,
        writes=writes,
        quarantine=settings.quarantine,
        watch_seconds=chosen.watch,
    )
    found = [one async for one in _printed(examine(ward))]
    if settings.database_url and found[0].well:
        store = examine_store(ward, settings.database_url, parse_clock(""))
        found += [one async for one in _printed(store)]
    return int(not all(one.well for one in found))


async def _printed(findings: AsyncIterator[Finding]) -> AsyncIterator[Finding]:
    async for one in findings:
        print(one, flush=True)
        yield one


def _read_by(service: str) -> list[Topic]:
    return [topic for topic in TOPICS if reads(service, topic)]


def _written_by(service: str) -> list[Topic]:
    return [topic for topic in TOPICS if topic.written_by == service]


def _nothing(chosen: argparse.Namespace) -> int:
    where = f"partition {chosen.partition} offset {chosen.offset}"
    print(f"no such dead letter of {chosen.service}: {where}", file=sys.stderr)
    return 1


def _shelf(service: str) -> Shelf:
    return Shelf(
        service=service,
        letters=letters_of(service),
        retry=retry_of(service),
        written=frozenset(topic.name for topic in _written_by(service)),
    )


def _print(rows: Iterable[Row]) -> None:
    for row in rows:
        print(msgspec.json.encode(row).decode(), flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m stream")
    commands = parser.add_subparsers(dest="command", required=True)
    topics = commands.add_parser("topics", help="create or check the topics of the one table")
    topics.add_argument("action", choices=["create", "check"])
    topics.add_argument("--replication", type=int, default=1)
    topics.set_defaults(run=_topics)
    doctor = commands.add_parser("doctor", help="is this installation well, and what if not?")
    doctor.add_argument("--watch", type=float, default=3.0, help="seconds between two looks at lag")
    doctor.add_argument("--service", choices=SERVICES, help="one alone, asked with its own user")
    doctor.set_defaults(run=_doctor)
    _looking_parsers(commands)
    letters = commands.add_parser("dead-letters", help="list, show or replay what was kept aside")
    _letters_parser(letters.add_subparsers(dest="action", required=True))
    return parser


def _looking_parsers(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    sung = commands.add_parser("canary", help="does a canary come through all the way to notify?")
    sung.add_argument("--at", required=True, help="HOST:PORT of notify; every address of the name")
    sung.add_argument("--within", type=float, default=120.0, help="seconds")
    sung.set_defaults(run=_canary)
    back = commands.add_parser("rewind", help="let a stopped service read again from a time on")
    back.add_argument("service", choices=SERVICES)
    back.add_argument("--since", type=_time, required=True, help="RFC 3339, the broker's own time")
    back.set_defaults(run=_rewind)
    left = commands.add_parser("drain", help="publish what a stopped service has not told yet")
    left.add_argument("service", choices=("route", "notify"))
    left.set_defaults(run=_drain)


def _time(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(text)
    return found


def _letters_parser(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    reasons = [*(reason.value for reason in Reason), "unreadable"]
    all_of_them = actions.add_parser("list", help="one JSON line per letter, never its text")
    all_of_them.add_argument("--service", choices=SERVICES)
    all_of_them.add_argument("--reason", choices=reasons)
    all_of_them.set_defaults(run=_list)
    one = actions.add_parser("show", help="one letter with its bytes; it may hold personal data")
    one.add_argument("service", choices=SERVICES)
    one.add_argument("partition", type=int)
    one.add_argument("offset", type=int)
    one.set_defaults(run=_show)
    back = actions.add_parser("replay", help="put original records on <service>.retry.v1")
    back.add_argument("service", choices=SERVICES)
    back.add_argument("--reason", choices=reasons)
    back.add_argument("--partition", type=int)
    back.add_argument("--offset", type=int)
    back.set_defaults(run=_replay)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

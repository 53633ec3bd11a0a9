"""What does a post leave behind, and how large do processes grow? ``python -m bench.footprint``.

The eight workloads of the chart as processes, on a Kafka and a PostgreSQL of this run: memory idle
and under load, CPU, bytes in each topic, rows and bytes in each table. docs/capacity.md shows it.
"""

import argparse
import asyncio
import os
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import yaml
from sqlalchemy import text

from bench.chain import WARM, Load, send, settled
from bench.processor import cpu_seconds
from deploy.demo.settings import settings
from deploy.demo.stack import ROOT, Stack, free_ports, is_ready
from deploy.local import kafka, postgres
from deploy.local.process import LaunchError, Lifetime, spawn, tail
from schemas.topics import TOPICS
from stream.database import open_engine
from stream.topic_admin import Cluster, create

WORKLOADS: Mapping[str, Mapping[str, Any]] = yaml.safe_load(
    (ROOT / "deploy/helm/otklik/files/workloads.yaml").read_text("utf-8")
)
PARTITIONS = 12
IDLE_SECONDS = 15.0
READY_SECONDS = 90.0


class Footprint(msgspec.Struct, frozen=True, kw_only=True):
    """Of a load in which every post opens a case of its own: the dearest."""

    posts: int
    per_second: float
    idle_cores: Mapping[str, float]
    idle_mib: Mapping[str, float]
    busy_mib: Mapping[str, float]
    cpu_us: Mapping[str, float]
    beside_cpu_us: Mapping[str, float]
    """The broker's and the database's."""
    commits_per_second: float
    topic_bytes: Mapping[str, float]
    """Bytes on disk a post, by topic, of one replica."""
    row_bytes: Mapping[str, float]
    """Bytes a post, by table, its indexes with it."""
    rows: Mapping[str, float]
    """Rows a post, by table."""


def main(arguments: list[str]) -> int:
    """Measure and print JSON; 1 with what failed."""
    parser = argparse.ArgumentParser(prog="python -m bench.footprint")
    parser.add_argument("--posts", type=int, default=3_000)
    parser.add_argument("--per-second", type=float, default=50.0)
    chosen = parser.parse_args(arguments)
    load = Load(name="size", posts=chosen.posts, per_second=chosen.per_second)
    try:
        with TemporaryDirectory(prefix="otklik-footprint-") as folder:
            Path(folder).chmod(0o755)  # as root PostgreSQL runs as a user of its own
            found = footprint(Path(folder), load)
    except LaunchError as error:
        print(error, file=sys.stderr)
        return 1
    print(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
    return 0


def footprint(folder: Path, load: Load) -> Footprint:
    """Start everything, look, send, look again."""
    broker = kafka.start(kafka.CACHE, folder / "kafka")
    server = postgres.start(folder / "postgres")
    cluster = Cluster(bootstrap=broker.bootstrap, prefix="size", partitions=PARTITIONS)
    stack = Stack(cluster=cluster, addresses={}, folder=folder)
    url = server.create_database("size")
    try:
        asyncio.run(create(cluster, TOPICS))
        _start(stack, url)
        beside = {"kafka": broker.pid, "postgresql": server.pid}
        return asyncio.run(_measured(stack, beside, folder / "kafka", url, load))
    finally:
        stack.stop()
        broker.stop()
        server.stop()


def _start(stack: Stack, url: str) -> None:
    own = {"DATABASE_URL": url, "TICK_SECONDS": "5", "LOG_LEVEL": "WARNING"}
    stack.settings = {**settings(stack.folder, alerts="log:"), **own}
    *ports, hooks = free_ports(len(WORKLOADS) + 1)
    stack.addresses["hooks"] = f"http://127.0.0.1:{hooks}"
    for (name, one), port in zip(WORKLOADS.items(), ports, strict=True):
        stack.addresses[name] = f"http://127.0.0.1:{port}"
        given = {"PORT": str(port), **({"HOOKS_PORT": str(hooks)} if one.get("public") else {})}
        role = ["--role", one["role"]] if one.get("role") else []
        stack.children[name] = spawn(
            [sys.executable, "-m", f"services.{one['service']}", "serve", *role],
            stack.folder / f"{name}.log",
            Lifetime.TIED,
            cwd=ROOT,
            environment={**stack.environment(name), **given},
        )
    deadline = time.monotonic() + READY_SECONDS
    for name in WORKLOADS:
        while not is_ready(stack.addresses[name]):
            if stack.failed() or time.monotonic() > deadline:
                lines = tail(stack.folder / f"{name}.log")
                raise LaunchError(stack.failed() or f"{name} is not ready:\n{lines}")


async def _measured(
    stack: Stack, beside: Mapping[str, int], logs: Path, url: str, load: Load
) -> Footprint:
    at_rest = _cpu(stack)
    await asyncio.sleep(IDLE_SECONDS)  # what idle means
    idle_cores = {n: (now - at_rest[n]) / IDLE_SECONDS for n, now in _cpu(stack).items()}
    idle = {name: peak_mib(child.pid) for name, child in stack.children.items()}
    await send(stack, WARM)
    await settled(stack, WARM.posts)
    before, commits = await _tables(url)
    cpu = _cpu(stack)
    others = {name: family_seconds(pid) for name, pid in beside.items()}
    disk, began = _on_disk(stack.cluster, logs), time.monotonic()
    kept = await send(stack, load)
    await settled(stack, WARM.posts + load.posts)
    took = time.monotonic() - began
    after, committed = await _tables(url)
    return Footprint(
        posts=load.posts,
        per_second=kept,
        idle_cores=idle_cores,
        idle_mib=idle,
        busy_mib={name: peak_mib(child.pid) for name, child in stack.children.items()},
        cpu_us={
            name: (seconds - cpu[name]) * 1e6 / load.posts for name, seconds in _cpu(stack).items()
        },
        beside_cpu_us={
            name: (family_seconds(pid) - others[name]) * 1e6 / load.posts
            for name, pid in beside.items()
        },
        commits_per_second=(committed - commits) / took,
        topic_bytes={
            name: (size - disk[name]) / load.posts
            for name, size in _on_disk(stack.cluster, logs).items()
        },
        row_bytes={n: (one[0] - before[n][0]) / load.posts for n, one in after.items()},
        rows={n: (one[1] - before[n][1]) / load.posts for n, one in after.items()},
    )


def peak_mib(pid: int) -> float:
    """The most memory that a process has had, as Linux counts it (VmHWM)."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    (peak,) = (line.split()[1] for line in lines if line.startswith("VmHWM:"))
    return int(peak) / 1024


def _cpu(stack: Stack) -> dict[str, float]:
    return {name: cpu_seconds(child.pid) for name, child in stack.children.items()}


def family_seconds(pid: int) -> float:
    """Seconds of CPU of a process with the children that it has and has had."""
    found = 0.0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has just ended
            fields = stat.read_text().rpartition(")")[2].split()
            if stat.parent.name == str(pid):
                found += sum(map(int, fields[11:15]))
            elif fields[1] == str(pid):
                found += sum(map(int, fields[11:13]))
    return found / os.sysconf("SC_CLK_TCK")


def _on_disk(cluster: Cluster, logs: Path) -> dict[str, int]:
    found = {}
    for topic in TOPICS:
        files = logs.rglob(f"{topic.under(cluster.prefix)}-*/*.log")
        found[topic.name] = sum(file.stat().st_size for file in files)
    return found


async def _tables(url: str) -> tuple[dict[str, tuple[int, int]], int]:
    """Bytes and rows of each table, and how many transactions were committed."""
    engine = open_engine(url)
    found = {}
    try:
        async with engine.connect() as connection:
            names = (await connection.execute(text(_NAMES))).scalars().all()
            for name in names:
                size = await connection.execute(
                    text("select pg_total_relation_size(cast(:name as regclass))"), {"name": name}
                )
                rows = await connection.execute(text(f'select count(*) from "{name}"'))  # noqa: S608 - names of the catalogue
                found[name] = size.scalar_one(), rows.scalar_one()
            commits = (await connection.execute(text(_COMMITS))).scalar_one()
    finally:
        await engine.dispose()
    return found, int(commits)


_NAMES = "select relname from pg_stat_user_tables order by relname"
_COMMITS = "select xact_commit from pg_stat_database where datname = current_database()"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

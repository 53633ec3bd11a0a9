"""What does a webhook cost? Ingest beside a bare handler that only forwards the body."""

import asyncio
import base64
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec

from bench.chain import TEXTS
from bench.processor import cpu_seconds
from deploy.demo.settings import BRANDS_FILE, SECRET
from deploy.demo.stack import ROOT, Stack, free_ports, is_ready
from deploy.local.process import Child, LaunchError, Lifetime, spawn, tail
from schemas.topics import TOPICS
from services.route.channels.webhook import sign
from stream.clock import parse_clock
from stream.topic_admin import Cluster, create

AT_ONCE = 32
"""Connections of the generator: enough that the service is never idle."""

READY_SECONDS = 30.0
PATH = "/v1/hooks/generic/bank"


class HookCost(msgspec.Struct, frozen=True, kw_only=True):
    """What one request cost the service; CPU in microseconds."""

    cpu_us: float
    per_second: float


def hook_cost(cluster: Cluster, folder: Path, *, kind: str, requests: int) -> HookCost:
    """Start a service, ``bare`` or ``ingest``, warm it and send it signed posts, one a request."""
    folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(create(cluster, TOPICS))
    probes, hooks = free_ports(2)
    if kind == "bare":
        child, probes = _bare(cluster, folder, hooks), hooks
    else:
        child = _ingest(cluster, folder, probes, hooks)
    try:
        _until_ready(child, probes, folder)
        asyncio.run(_send(hooks, "warm", requests // 10))
        before, began = cpu_seconds(child.pid), time.monotonic()
        asyncio.run(_send(hooks, "run", requests))
        took, used = time.monotonic() - began, cpu_seconds(child.pid) - before
    except* httpx.TransportError as gone:
        lines = tail(folder / "service.log")
        raise LaunchError(f"{kind} hung up, exit code {child.process.poll()}:\n{lines}") from gone
    finally:
        child.stop()
    return HookCost(cpu_us=used * 1e6 / requests, per_second=requests / took)


def _bare(cluster: Cluster, folder: Path, port: int) -> Child:
    topic = f"{cluster.prefix}.posts.raw.v1"
    command = [sys.executable, "-m", "bench.bare_hook", cluster.bootstrap, topic, str(port)]
    return spawn(command, folder / "service.log", Lifetime.TIED, cwd=ROOT)


def _ingest(cluster: Cluster, folder: Path, probes: int, hooks: int) -> Child:
    settings = {
        "BRANDS": str(BRANDS_FILE),
        "SEVERBANK_HOOK_SECRET": SECRET,
        "PORT": str(probes),
        "HOOKS_PORT": str(hooks),
        "LOG_LEVEL": "WARNING",
        "CANARY_SECONDS": "0",
        "SOURCE_RATE": "100000",
        "SOURCE_BURST": "100000",
    }
    stack = Stack(cluster=cluster, addresses={}, folder=folder, settings=settings)
    command = [sys.executable, "-m", "services.ingest", "serve"]
    environment = stack.environment("ingest")
    return spawn(command, folder / "service.log", Lifetime.TIED, cwd=ROOT, environment=environment)


def _until_ready(child: Child, port: int, folder: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while child.is_running() and time.monotonic() < deadline:
        if is_ready(f"http://127.0.0.1:{port}"):
            return
        time.sleep(0.05)  # a service that starts tells nobody
    raise LaunchError(f"not ready:\n{tail(folder / 'service.log')}")


async def _send(port: int, run: str, requests: int) -> None:
    numbers, key = iter(range(requests)), base64.b64decode(SECRET.removeprefix("whsec_"))
    url = f"http://127.0.0.1:{port}{PATH}"
    async with httpx.AsyncClient(timeout=10) as client, asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(_send_some(client, url, run, numbers, key))


async def _send_some(
    client: httpx.AsyncClient, url: str, run: str, numbers: Iterator[int], key: bytes
) -> None:
    clock = parse_clock("")
    for number in numbers:
        body = msgspec.json.encode(
            {
                "id": f"{run}-{number}",
                "author": {"id": f"author-{number}"},
                "text": TEXTS[number % len(TEXTS)],
                "posted_at": clock.real(),
            }
        )
        headers = sign(key, f"{run}-{number}", clock.real(), body)
        (await client.post(url, content=body, headers=headers)).raise_for_status()

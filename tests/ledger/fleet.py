"""Who runs? Ingest and two replicas of each consumer, each killed once with work in hand."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import TimeoutExpired

from deploy.demo.settings import settings
from deploy.demo.stack import free_ports
from deploy.local.process import STOP_SECONDS, Child
from schemas.topics import CLASSIFIED, POSTS, TICKETS
from stream.topic_admin import Cluster
from tests.ledger.naive import POLICY
from tests.ledger.story import REOPEN_WITHIN
from tests.processes import ROOT, lag, start_from, until_ready

MINIMUM = 30
"""Records that a group must have in hand when one of its members is killed; ticks alone are 12."""

READ_BY = {"classify": POSTS, "route": CLASSIFIED, "notify": TICKETS}
REPLICAS = (
    "ingest-1",
    *(f"{name}-{number}" for number in (1, 2) for name in READ_BY),
)


SERVICES_WITH_STORE = ("ingest", "route", "notify")


def service_of(replica: str) -> str:
    """Whose replica it is."""
    return replica.partition("-")[0]


@dataclass
class Killed:
    """One kill: how much work the process's group had in hand."""

    replica: str
    waiting: int


@dataclass
class Fleet:
    """The replicas of an installation on PostgreSQL, each at a fixed address."""

    cluster: Cluster
    databases: Mapping[str, str]
    folder: Path
    clock: str
    alerts: str = "log:"
    page_within: str = ""
    """How old a post may be that still pages; what is played lies days back."""
    addresses: dict[str, str] = field(default_factory=dict)
    hooks: dict[str, str] = field(default_factory=dict)
    children: dict[str, Child] = field(default_factory=dict)
    killed: list[Killed] = field(default_factory=list)
    ready: dict[str, asyncio.Event] = field(default_factory=dict)
    roots: dict[str, Path] = field(default_factory=dict)
    """From which checkout a replica runs, where that is not this one."""

    async def start(self) -> None:
        """Start every replica; returns once all are ready."""
        ports = free_ports(2 * len(REPLICAS))
        for replica, port, hooks in zip(REPLICAS, ports[::2], ports[1::2], strict=True):
            self.addresses[replica] = f"http://127.0.0.1:{port}"
            self.hooks[replica] = f"http://127.0.0.1:{hooks}"
            self.ready[replica] = asyncio.Event()
            self._spawn(replica)
        for replica in REPLICAS:
            await self._until_ready(replica)

    async def kill(self, replica: str, in_hand: Callable[[], Awaitable[int]]) -> None:
        """Freeze it in its work, SIGKILL it once more has come for it, start it anew."""
        child, waiting = self.children[replica], 0
        while waiting == 0:
            waiting = await in_hand()
        child.signal(signal.SIGSTOP)
        while waiting < MINIMUM:
            waiting = await in_hand()
        self.ready[replica].clear()
        child.kill()
        self.killed.append(Killed(replica, waiting))
        self._spawn(replica)
        await self._until_ready(replica)

    async def stopped(self, service: str) -> None:
        """Stop every replica of a service in good order; returns once all have ended."""
        for replica in self.replicas(service):
            self.ready[replica].clear()
            self.children[replica].terminate()
        for replica in self.replicas(service):
            await asyncio.to_thread(self.children[replica].process.wait, STOP_SECONDS)
            self.children[replica].stop()

    async def started(self, *replicas: str) -> None:
        """Start these replicas again; returns once they are ready."""
        for replica in replicas:
            self._spawn(replica)
        for replica in replicas:
            await self._until_ready(replica)

    async def replaced(self, replica: str, root: Path) -> None:
        """Stop one replica and start it from another checkout, as a rolling update does."""
        self.ready[replica].clear()
        self.children[replica].terminate()
        await asyncio.to_thread(self.children[replica].process.wait, STOP_SECONDS)
        self.children[replica].stop()
        self.roots[replica] = root
        await self.started(replica)

    def replicas(self, service: str) -> list[str]:
        """Those of a service."""
        return [one for one in REPLICAS if service_of(one) == service]

    async def behind(self, replica: str) -> int:
        """How many records the replica's group has not committed."""
        service = service_of(replica)
        return await lag(self.cluster, service, READ_BY[service])

    def stop(self) -> dict[str, int]:
        """SIGTERM to all, once; the exit code of each."""
        for child in self.children.values():
            child.terminate()
        for child in self.children.values():
            with suppress(TimeoutExpired):
                child.process.wait(STOP_SECONDS)
            child.stop()
        return {name: child.process.returncode for name, child in self.children.items()}

    def _spawn(self, replica: str) -> None:
        service = service_of(replica)
        self.children[replica] = start_from(
            self.roots.get(replica, ROOT),
            f"services.{service}",
            "serve",
            self.cluster,
            self.folder / f"{replica}.log",
            **self.settings_of(service),
            PORT=self.addresses[replica].rpartition(":")[2],
            HOOKS_PORT=self.hooks[replica].rpartition(":")[2],
        )

    def settings_of(self, service: str) -> dict[str, str]:
        """The environment of a service, and of the commands that a person gives for it."""
        policy = self.folder / "reopening-soon.yaml"
        minutes = int(REOPEN_WITHIN.total_seconds() // 60)
        text = POLICY.read_text(encoding="utf-8")
        text = text.replace("reopen_within: 7d", f"reopen_within: {minutes}m")
        if self.page_within:
            text = text.replace("page_within: 30m", f"page_within: {self.page_within}")
        policy.write_text(text)
        found = settings(self.folder, alerts=self.alerts, clock=self.clock)
        store = {"DATABASE_URL": self.databases[service]} if service in self.databases else {}
        return {**found, "POLICY": str(policy), **store}

    async def _until_ready(self, replica: str) -> None:
        log = self.folder / f"{replica}.log"
        await until_ready(self.children[replica], self.addresses[replica], log)
        self.ready[replica].set()

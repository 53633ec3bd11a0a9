"""How does a whole installation run, as the chart would run it? Eight workloads, a process each."""

import asyncio
import subprocess
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from deploy.demo.settings import settings
from deploy.demo.stack import ROOT, free_ports
from deploy.local.process import Child
from stream.topic_admin import Cluster
from tests.processes import start_module, until_ready

_TABLE = yaml.safe_load((ROOT / "deploy/helm/otklik/files/workloads.yaml").read_text("utf-8"))
WORKLOADS: Mapping[str, tuple[str, str]] = {
    name: (one["service"], f"serve --role {one['role']}" if "role" in one else "serve")
    for name, one in _TABLE.items()
}
"""Service and arguments of each, as the chart has them."""

STOP_SECONDS = 30.0


@dataclass
class Fleet:
    """Replicas by name, ``WORKLOAD`` or ``WORKLOAD.NUMBER``.

    ``given`` is what a service or a workload finds in its environment alone, ``more`` what all do.
    """

    cluster: Cluster
    folder: Path
    database: str
    given: Mapping[str, Mapping[str, str]]
    more: dict[str, str] = field(default_factory=dict)
    children: dict[str, Child] = field(default_factory=dict)
    ports: dict[str, dict[str, str]] = field(default_factory=dict)

    async def start(self, replicas: Iterable[str]) -> None:
        """Start them all at once; returns when all are ready."""
        names = list(replicas)
        for replica in names:
            http, hooks, admin = map(str, free_ports(3))
            self.ports[replica] = {"PORT": http, "HOOKS_PORT": hooks, "ADMIN_PORT": admin}
            self.spawn(replica)
        await asyncio.gather(*map(self.until_ready, names))

    async def restart(self, replica: str) -> int:
        """Stop one as a rolling update does and start it anew; the exit code of the old one."""
        old = self.children[replica]
        old.terminate()
        code = await asyncio.to_thread(old.process.wait, STOP_SECONDS)
        old.stop()
        self.spawn(replica)
        await self.until_ready(replica)
        return code

    def spawn(self, replica: str) -> None:
        """Start it on the ports that it had."""
        workload = replica.partition(".")[0]
        service, arguments = WORKLOADS[workload]
        environment = {
            **settings(self.folder, alerts="log:"),
            "DATABASE_URL": self.database,
            **self.more,
            **self.given.get(service, {}),
            **self.given.get(workload, {}),
            **self.ports[replica],
        }
        self.children[replica] = start_module(
            f"services.{service}", arguments, self.cluster, self.log(replica), **environment
        )

    async def until_ready(self, replica: str) -> None:
        """Wait for it; one that ends is a failure with its last lines."""
        await until_ready(self.children[replica], self.address(replica), self.log(replica))

    def address(self, replica: str, port: str = "PORT") -> str:
        """Where one of its listeners is."""
        return f"http://127.0.0.1:{self.ports[replica][port]}"

    def log(self, replica: str) -> Path:
        """What it says."""
        return self.folder / f"{replica}.log"

    def stop(self) -> dict[str, int]:
        """SIGTERM to all, once; the exit code of each."""
        for child in self.children.values():
            child.terminate()
        for child in self.children.values():
            with suppress(subprocess.TimeoutExpired):
                child.process.wait(STOP_SECONDS)
            child.stop()
        return {name: child.process.returncode for name, child in self.children.items()}


def asked(module: str, arguments: str, environment: Mapping[str, str]) -> tuple[int, str]:
    """What a command answers: its exit code and what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments.split()],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "PYTHONTZPATH": "", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr

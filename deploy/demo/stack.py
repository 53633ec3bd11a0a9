"""How do Kafka and the four services come up on one machine, and go away again?"""

import asyncio
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import urlopen

from deploy.local import kafka
from deploy.local.process import Child, LaunchError, Lifetime, spawn, tail
from schemas.topics import SERVICES, TOPICS
from stream.topic_admin import Cluster, create

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 60.0
PARTITIONS = 12
Say = Callable[[str], None]


@dataclass
class Stack:
    """A running installation: a broker (ours, or one that was there) and four services."""

    cluster: Cluster
    addresses: dict[str, str]
    folder: Path
    children: dict[str, Child] = field(default_factory=dict)
    broker: kafka.Broker | None = None
    settings: Mapping[str, str] = field(default_factory=dict)

    def environment(self, name: str) -> dict[str, str]:
        """What a service of this installation finds in its environment."""
        return {**os.environ, **self.own(name)}  # noqa: TID251 - PATH

    def own(self, name: str) -> dict[str, str]:
        """What this installation itself sets for a service, by name."""
        ours = {
            "PARTITIONS": str(self.cluster.partitions),
            "DATABASE_URL": f"sqlite:///{self.folder / name}.db",
            "PYTHONTZPATH": "",
        }
        inherited = dict(os.environ)  # noqa: TID251 - a person's own DATABASE_URL
        given = {key: inherited.get(key, value) for key, value in ours.items()}
        return {**given, **self.settings, **self._of_this_run(inherited)}

    def _of_this_run(self, inherited: Mapping[str, str]) -> dict[str, str]:
        """On a broker or database that was there before, a run keeps to names of its own."""
        found = {
            "KAFKA_BOOTSTRAP_SERVERS": self.cluster.bootstrap,
            "TOPIC_PREFIX": self.cluster.prefix,
        }
        given = inherited.get("DATABASE_URL")
        if given:
            joint = "&" if "?" in given else "?"
            found["DATABASE_URL"] = f"{given}{joint}schema={self.cluster.prefix.replace('-', '_')}"
        return found

    def ask(self, name: str, *arguments: str) -> str:
        """What a service's command line answers; raises ``LaunchError`` with what it says."""
        done = subprocess.run(
            [sys.executable, "-m", f"services.{name}", *arguments],
            cwd=ROOT,
            env=self.environment(name),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise LaunchError(f"the {arguments[0]} failed: {done.stderr.strip()}")
        return done.stdout

    def stop_services(self) -> None:
        """End the services; calling it twice is fine."""
        for child in self.children.values():
            child.terminate()
        for child in self.children.values():
            child.stop()

    def stop(self) -> None:
        """End the services first, then the broker; calling it twice is fine."""
        self.stop_services()
        if self.broker:
            self.broker.stop()

    def failed(self) -> str | None:
        """Which service has ended by itself, and its last lines; None while all run."""
        for name, child in self.children.items():
            if not child.is_running():
                return f"{name} ended by itself:\n{tail(self.folder / f'{name}.log')}"
        return None


def start_broker(
    folder: Path, prefix: str, say: Say, *, lifetime: Lifetime = Lifetime.TIED
) -> Stack:
    """The broker with its topics: KAFKA_BOOTSTRAP_SERVERS, else a new one of our own.

    Under ``prefix``; where a broker or a database was there before, with the time behind it.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    given = os.environ.get("KAFKA_BOOTSTRAP_SERVERS")  # noqa: TID251 - the person's own broker
    if given or os.environ.get("DATABASE_URL"):  # noqa: TID251 - the person's own database
        prefix = f"{prefix}-{int(time.monotonic() * 1000):x}"
    broker = None
    if not given:
        broker = kafka.start(kafka.CACHE, folder / "kafka", say, lifetime=lifetime)
    bootstrap = given or (broker.bootstrap if broker else "")
    cluster = Cluster(bootstrap=bootstrap, prefix=prefix, partitions=PARTITIONS)
    stack = Stack(cluster=cluster, addresses={}, folder=folder, broker=broker)
    try:
        asyncio.run(create(cluster, TOPICS))
    except BaseException:
        stack.stop()
        raise
    return stack


def start_services(
    stack: Stack, settings: Mapping[str, str], *, lifetime: Lifetime = Lifetime.TIED
) -> None:
    """Start the four services; returns at once, ``wait_ready`` waits for them."""
    stack.settings = settings
    *ports, hooks, admin = free_ports(len(SERVICES) + 2)
    listeners = {"HOOKS_PORT": str(hooks), "ADMIN_PORT": str(admin)}
    stack.addresses["hooks"] = f"http://127.0.0.1:{hooks}"
    stack.addresses["admin"] = f"http://127.0.0.1:{admin}"
    for name, port in zip(SERVICES, ports, strict=True):
        stack.addresses[name] = f"http://127.0.0.1:{port}"
        start_service(stack, name, {**listeners, "PORT": str(port)}, lifetime=lifetime)


def start_service(
    stack: Stack, name: str, ports: Mapping[str, str], *, lifetime: Lifetime = Lifetime.TIED
) -> None:
    """Start one of them, or start it again."""
    stack.children[name] = spawn(
        [sys.executable, "-m", f"services.{name}", "serve"],
        stack.folder / f"{name}.log",
        lifetime,
        cwd=ROOT,
        environment={**stack.environment(name), **ports},
    )


def wait_ready(stack: Stack) -> None:
    """Return once every service says that it is ready; raises ``LaunchError`` with its lines."""
    deadline = time.monotonic() + READY_SECONDS
    waiting = set(SERVICES)
    while waiting:
        failed = stack.failed()
        if failed:
            raise LaunchError(failed)
        if time.monotonic() > deadline:
            name = min(waiting)
            lines = tail(stack.folder / f"{name}.log")
            raise LaunchError(f"{name} is not ready after {READY_SECONDS:.0f} s:\n{lines}")
        waiting -= {name for name in waiting if is_ready(stack.addresses[name])}
        time.sleep(0.05)  # a service that starts tells nobody


def save_metrics(stack: Stack) -> None:
    """What each service measured, as Prometheus would read it now."""
    folder = stack.folder / "metrics"
    folder.mkdir(exist_ok=True)
    for name in SERVICES:
        with urlopen(f"{stack.addresses[name]}/metrics") as answer:  # noqa: S310 - an address of our own
            (folder / f"{name}.txt").write_bytes(answer.read())


def free_ports(count: int) -> list[int]:
    """Loopback ports that nobody listens on now."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def is_ready(address: str) -> bool:
    """Does a service say that it is ready?"""
    with suppress(OSError), urlopen(f"{address}/readyz", timeout=1) as answer:  # noqa: S310 - ours
        return bool(answer.status == 200)
    return False

"""What is one Kafka node? Its settings, its command line and the moment it answers a client."""

import asyncio
import shutil
import socket
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from deploy.local.process import POLL_SECONDS, Child

LOG4J = Path(__file__).with_name("log4j2.properties")
HOST = "127.0.0.1"
READY_SECONDS = 30.0
# C1 only and the serial collector: a start in half the time. Not for throughput figures.
JVM_OPTIONS = (
    "-Xms128m",
    "-Xmx512m",
    "-Xss512k",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:-UsePerfData",
    "-Djava.awt.headless=true",
)


@dataclass(frozen=True)
class Runtime:
    """A Java, the verified jars, and the options that make it start quickly."""

    java: Path
    classpath: str
    options: tuple[str, ...] = ()
    formatted: Path | None = None

    def command(self, main: str, *arguments: str, options: Sequence[str] = ()) -> list[str]:
        """Build the command line that runs one of Kafka's classes."""
        jvm = [*JVM_OPTIONS, *self.options, *options, f"-Dlog4j2.configurationFile={LOG4J}"]
        return [str(self.java), *jvm, "-cp", self.classpath, main, *arguments]


@dataclass(frozen=True)
class Ports:
    """The three listeners of a node; CLIENT is apart so that a proxy can stand before it alone."""

    client: int
    internal: int
    controller: int

    @property
    def bootstrap(self) -> str:
        """The address for clients."""
        return f"{HOST}:{self.client}"


def free_ports() -> Ports:
    """Ask the system for three ports nobody listens on.

    A node left over from an earlier run would answer in place of a new one on its port.
    """
    sockets = [socket.create_server((HOST, 0)) for _ in range(3)]
    client, internal, controller = (s.getsockname()[1] for s in sockets)
    for s in sockets:
        s.close()
    return Ports(client, internal, controller)


def new_data(runtime: Runtime, folder: Path) -> Path:
    """Put a freshly formatted, empty Kafka data folder in place of whatever a crash left there."""
    logs = folder / "logs"
    shutil.rmtree(logs, ignore_errors=True)
    if runtime.formatted is not None:
        shutil.copytree(runtime.formatted, logs)
    return logs


def render_properties(ports: Ports, logs: Path, more: Mapping[str, str] = {}) -> str:
    """Write server.properties of a single node that is broker and controller; ``more`` goes first.

    A listener more has its address in both ``listeners`` and ``advertised.listeners`` of ``more``.
    """
    served = f"CLIENT://{HOST}:{ports.client},INTERNAL://{HOST}:{ports.internal}"
    settings = {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@{HOST}:{ports.controller}",
        "listeners": f"{served},CONTROLLER://{HOST}:{ports.controller}",
        "advertised.listeners": served,
        "log.dirs": str(logs),
        **FIXED_SETTINGS,
        **{name: value for name, value in more.items() if name not in ADDED_TO},
    }
    for name in ADDED_TO & more.keys():
        settings[name] += f",{more[name]}"
    return "".join(f"{key}={value}\n" for key, value in settings.items())


ADDED_TO = {"listeners", "advertised.listeners"}
FIXED_SETTINGS = {
    "listener.security.protocol.map": "CLIENT:PLAINTEXT,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "inter.broker.listener.name": "INTERNAL",
    "controller.listener.names": "CONTROLLER",
    "auto.create.topics.enable": "false",
    # event times of a replay lie years back: retention must not eat them
    "log.message.timestamp.type": "LogAppendTime",
    "offsets.topic.num.partitions": "4",
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.num.partitions": "4",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.num.partitions": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "group.initial.rebalance.delay.ms": "0",  # the default makes every first consumer wait 3 s
    "broker.session.timeout.ms": "6000",  # bounds how long a crash leaves ingest without acks
    "num.network.threads": "2",
    "num.io.threads": "2",
    "background.threads": "2",
    "num.recovery.threads.per.data.dir": "1",
    "log.cleaner.dedupe.buffer.size": "2097152",  # the default takes 128 MiB of a small heap
    "metrics.jmx.exclude": ".*",
}


def wait_until_ready(child: Child, bootstrap: str) -> bool:
    """Wait until a client can describe the cluster; False if the node died or took too long."""
    deadline = time.monotonic() + READY_SECONDS
    # a thread of its own, because the caller may have a running event loop
    with ThreadPoolExecutor(1) as pool:
        while child.is_running() and time.monotonic() < deadline:
            if _listens(bootstrap) and pool.submit(asyncio.run, _describes(bootstrap)).result():
                return child.is_running()
            time.sleep(POLL_SECONDS)  # a JVM starts in its own time
    return False


def _listens(bootstrap: str) -> bool:
    host, _, port = bootstrap.partition(":")
    try:
        socket.create_connection((host, int(port)), timeout=1).close()
    except OSError:
        return False
    return True


async def _describes(bootstrap: str) -> bool:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=5000)
    try:
        await admin.start()
        cluster = await admin.describe_cluster()
    except (KafkaError, OSError):
        return False
    finally:
        await admin.close()
    return bool(cluster["brokers"])

"""What do the faults strike? A broker and a database that die and come back on the same data."""

import os
import signal
import time
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path

from aiokafka.client import AIOKafkaClient
from aiokafka.protocol.admin import CreateAclsRequest

from deploy.local import kafka, postgres
from deploy.local.node import free_ports, new_data, render_properties, wait_until_ready
from deploy.local.process import Child, Guard, Lifetime, exists, spawn, tie

PROXIED = "PROXIED"
AUTHORIZER = {
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "allow.everyone.if.no.acl.found": "true",
}
TOPIC, LITERAL, ALLOW = 2, 3, 3
"""Kafka's own numbers: kind of resource, way of naming it, and permission."""


class Right(IntEnum):
    """What may be done with a topic, in Kafka's own numbers."""

    read = 3
    write = 4


async def allow(bootstrap: str, topic: str, right: Right) -> None:
    """Give everyone a right; from the first on, whatever was not given is refused."""
    client = AIOKafkaClient(bootstrap_servers=bootstrap)
    await client.bootstrap()
    try:
        wanted = (TOPIC, topic, LITERAL, "User:ANONYMOUS", "*", right.value, ALLOW)
        answer = await client.send(client.get_random_node(), CreateAclsRequest(*wanted))
    finally:
        await client.close()
    assert answer.creation_responses[0][0] == 0, answer


class Broker:
    """A Kafka with one more listener, whose clients are told to come through a proxy."""

    def __init__(self, folder: Path) -> None:
        self._runtime, self._folder = kafka.fetch(kafka.CACHE, lambda _: None), folder
        ports, more = free_ports(), free_ports()
        self.bootstrap, self.behind, self.proxy = ports.bootstrap, more.client, more.internal
        properties = render_properties(ports, new_data(self._runtime, folder))
        (folder / "server.properties").write_text(self._with_proxy(properties))
        self._child, self._away_since = self._started(), 0.0

    def _with_proxy(self, properties: str) -> str:
        behind, before = (f"{PROXIED}://127.0.0.1:{n}" for n in (self.behind, self.proxy))
        lines = dict(line.split("=", 1) for line in properties.splitlines())
        lines["listeners"] += f",{behind}"
        lines["advertised.listeners"] += f",{before}"
        lines |= AUTHORIZER
        lines["listener.security.protocol.map"] += f",{PROXIED}:PLAINTEXT"
        return "".join(f"{name}={value}\n" for name, value in lines.items())

    def _started(self) -> Child:
        command = self._runtime.command("kafka.Kafka", str(self._folder / "server.properties"))
        child = spawn(command, self._folder / "broker.log", Lifetime.TIED)
        assert wait_until_ready(child, self.bootstrap)
        return child

    def pause(self) -> None:
        """Freeze: connections stay open, nothing answers."""
        self._away_since = time.monotonic()
        self._child.signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Thaw."""
        self._child.signal(signal.SIGCONT)

    def kill(self) -> None:
        """Be gone at once."""
        self._away_since = time.monotonic()
        self._child.kill()

    def away(self) -> float:
        """For how many seconds it has been frozen or gone."""
        return time.monotonic() - self._away_since

    def restart(self) -> None:
        """Come back on the same data and ports."""
        self._child = self._started()


@dataclass
class Database:
    """A PostgreSQL that can be stopped at once, as by a crash."""

    server: postgres.Server
    guards: list[Guard] = field(default_factory=list)

    def crash(self) -> None:
        """An immediate shutdown: every connection is cut, nothing is rolled back in good order."""
        pid = self.server.server.get_postmaster_info().pid
        os.kill(pid, signal.SIGQUIT)
        while exists(pid):
            os.sched_yield()

    def freeze(self) -> None:
        """Every process of the server stands still: connections stay open, nothing answers."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        postmaster = self.server.server.get_postmaster_info().pid
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        for pid in (postmaster, *map(int, children)):
            os.kill(pid, number)

    def restart(self) -> None:
        """Come back on the same data and socket."""
        self.server.server.ensure_postgres_running()
        self.guards.append(tie(self.server.server.get_postmaster_info().pid, "QUIT"))

    def stop(self) -> None:
        """End the server and the guards of its restarts."""
        self.server.stop()
        for guard in self.guards:
            guard.release()

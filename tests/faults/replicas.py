"""Replicas of one service that share a group and a database, are killed and replaced."""

import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.local.node import free_ports
from deploy.local.process import Child
from stream.topic_admin import Cluster
from tests.processes import start_module, until_ready


@dataclass
class Replica:
    child: Child
    log: Path
    address: str
    own: Mapping[str, str]


class Replicas:
    """Processes of a service on that cluster; ``settings`` are what all of them have."""

    def __init__(self, service: str, cluster: Cluster, folder: Path, **settings: str) -> None:
        self._service, self._cluster, self._folder = service, cluster, folder
        self._settings = settings
        self.running: list[Replica] = []
        self._started = 0

    def start(self, **own: str) -> None:
        """One more; ``own`` is what it alone has."""
        self._started += 1
        log = self._folder / f"{self._service}-{self._started}.log"
        port = str(free_ports().client)
        settings = {**self._settings, **own, "PORT": port}
        module = f"services.{self._service}"
        child = start_module(module, "serve", self._cluster, log, **settings)
        self.running.append(Replica(child, log, f"http://127.0.0.1:{port}", own))

    async def ready(self) -> None:
        for one in self.running:
            await until_ready(one.child, one.address, one.log)

    def freeze_first(self) -> None:
        """SIGSTOP the oldest: what it has in hand, it keeps."""
        self.running[0].child.signal(signal.SIGSTOP)

    def kill_first(self) -> None:
        """SIGKILL the oldest, start another like it."""
        victim = self.running.pop(0)
        victim.child.kill()
        self.start(**victim.own)

    def stop(self) -> None:
        for one in self.running:
            one.child.stop()

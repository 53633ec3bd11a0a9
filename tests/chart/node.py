"""A machine on which rendered pods run as processes: mounts are folders, ports are free ones."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deploy.demo.stack import free_ports
from deploy.local.process import Child, Lifetime, spawn
from tests.chart.rendering import ROOT, Pod, Rendered

Files = Mapping[str, str]
NOTHING: Files = {}


class Node:
    """Where the pods of one rendering run, with the Secrets and ConfigMaps that it names."""

    def __init__(self, found: Rendered, given: Mapping[str, Files], folder: Path) -> None:
        self._given, self._folder = given, folder
        made = {one["metadata"]["name"]: one["data"] for one in found.of("ConfigMap")}
        self._maps = {**given, **made}
        self.ports: dict[tuple[str, str], int] = {}
        self.children: dict[str, Child] = {}

    def log(self, pod: Pod) -> Path:
        """What it writes."""
        return self._folder / f"{pod.name}.log"

    def start(self, pod: Pod, *, instead: Mapping[str, str] = NOTHING) -> Child:
        """The pod's process, with its environment alone; some words of its arguments replaced."""
        words: list[str] = [*pod.container["command"], *pod.container["args"]]
        assert words[0] == "python"
        command = [sys.executable, *(instead.get(word, word) for word in words[1:])]
        environment = self.prepared(pod)
        child = spawn(command, self.log(pod), Lifetime.TIED, cwd=ROOT, environment=environment)
        self.children[pod.component] = child
        return child

    def prepared(self, pod: Pod) -> dict[str, str]:
        """Its environment, with all that it mounts in place."""
        root = self._folder / pod.name
        self._mount(pod, root)
        return self._environment(pod, root)

    def at(self, component: str, listener: str = "http") -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.ports[component, listener]}"

    def stop(self) -> dict[str, int]:
        """End all as the kubelet does; their exit codes."""
        for child in self.children.values():
            child.terminate()
        codes = {name: child.process.wait(30) for name, child in self.children.items()}
        for child in self.children.values():
            child.stop()
        return codes

    def _mount(self, pod: Pod, root: Path) -> None:
        volumes = {one["name"]: one for one in pod.spec["volumes"]}
        for mount in pod.container["volumeMounts"]:
            where = root / mount["mountPath"].lstrip("/")
            where.mkdir(parents=True)
            for name, text in self._files(volumes[mount["name"]]).items():
                (where / name).write_text(text, encoding="utf-8")

    def _files(self, volume: Mapping[str, Any]) -> Files:
        if "configMap" in volume:
            return dict(self._maps[volume["configMap"]["name"]])
        return self._given[volume["secret"]["secretName"]] if "secret" in volume else {}

    def _environment(self, pod: Pod, root: Path) -> dict[str, str]:
        found = {"PYTHONTZPATH": "", "PYTHONDONTWRITEBYTECODE": "1"}
        for source in pod.container.get("envFrom", ()):
            found.update(self._given[source["secretRef"]["name"]])
        mounted = tuple(one["mountPath"] for one in pod.container["volumeMounts"])
        for name, value in pod.env.items():
            if name.endswith("PORT"):
                listener = name.removesuffix("PORT").strip("_").lower() or "http"
                (self.ports[pod.component, listener],) = free_ports(1)
                found[name] = str(self.ports[pod.component, listener])
            elif name.endswith("HOST"):
                found[name] = "127.0.0.1"
            else:
                found[name] = _moved(value, root, mounted)
        return found


def _moved(value: str, root: Path, mounted: tuple[str, ...]) -> str:
    """A path below a mount is one below its folder; SQLite's URL holds one."""
    scheme, absolute, path = value.rpartition("sqlite:///")
    return f"{scheme}{absolute}{root}{path}" if path.startswith(mounted) else value

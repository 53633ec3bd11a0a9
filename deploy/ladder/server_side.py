"""Does a real API server take the chart? Every example, a warning counting as an error.

And does a release live as Helm says: installed, changed, refused, rolled back, taken away?
"""

import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from deploy.ladder import cluster, schemas
from deploy.ladder.pods import (
    Manifest,
    as_root,
    is_hook,
    is_kept,
    many_as_root,
    name_of,
    needed_before,
    placed,
    pods_of,
)
from deploy.ladder.server import Server, refusal
from deploy.ladder.tree import RELEASE, ROOT, Refused, Tree

SPACE = "otklik"
LIVED = "values-external-kafka"
"""The example that is installed, changed and rolled back: its partitions are of this cluster."""

_NO_HOOKS = ("--no-hooks",)
"""Nothing runs here that a hook could wait for."""

_BY = "app.kubernetes.io/instance"


def main() -> int:
    """Print what was asked of the server and whether it took it; 1 if anything went otherwise."""
    with tempfile.TemporaryDirectory(prefix="otklik-apiserver-") as name:
        folder = Path(name)
        started = time.monotonic()
        with cluster.running(folder) as config:
            print(f"kube-apiserver {cluster.VERSION} ready in {time.monotonic() - started:.1f} s")
            failed = sum(not _row(what, step) for what, step in _steps(_server(config, folder)))
    print(f"{failed} failed")
    return int(failed > 0)


def _server(config: Path, folder: Path) -> Server:
    scratch = folder / "rendered"
    scratch.mkdir()
    return Server(config, Tree(ROOT, scratch))


def _steps(server: Server) -> list[tuple[str, Callable[[], str]]]:
    tree = server.tree
    by_example = {
        values.stem: [one for of, one in tree.manifests() if of == values.stem]
        for values in tree.examples
    }
    return [
        ("custom resources are defined", lambda: _define(server)),
        ("namespaces are made, restricted", lambda: _prepare(server, by_example)),
        ("control: a pod as root is refused", lambda: _refuses_root(server)),
        ("control: a warning is an error", lambda: _refuses_warning(server)),
        ("control: a field unknown is refused", lambda: _refuses_unknown(server)),
        *(
            (f"{name}: applied, dry", lambda made=made: _dry(server, made))
            for name, made in by_example.items()
        ),
        *(
            (f"{name}: its pods", lambda made=made: _dry(server, list(pods_of(made))))
            for name, made in by_example.items()
        ),
        *(
            (
                f"{values.stem}: installed, removed",
                lambda values=values: _lives(server, values, by_example[values.stem]),
            )
            for values in tree.examples
        ),
        *((f"{LIVED}: {what}", step) for what, step in _release(server)),
    ]


def _row(what: str, step: Callable[[], str]) -> bool:
    started, details = time.monotonic(), ""
    try:
        saw, outcome = step(), "ok"
    except Refused as error:
        saw, outcome, details = "see below", "FAILED", str(error)
    print(f"{what:<46} {outcome:<6} {time.monotonic() - started:5.1f} s  {saw}", flush=True)
    if details:
        print("    " + "\n    ".join(details.splitlines()[:40]), flush=True)
    return not details


def _define(server: Server) -> str:
    server.kubectl("apply", "--server-side", "-f", str(schemas.CRDS))
    names = server.kubectl("get", "crd", "-o", "name").split()
    server.kubectl("wait", "--for=condition=Established", "--timeout=30s", *names)
    return f"{len(names)} of them"


def _prepare(server: Server, by_example: dict[str, list[Manifest]]) -> str:
    objects = [one for made in by_example.values() for one in made]
    before = needed_before(objects, [SPACE, *map(_space, server.tree.examples)])
    server.apply(before)
    return ", ".join(one["metadata"]["name"] for one in before)


def _refuses_root(server: Server) -> str:
    return refusal(lambda: _dry(server, [as_root()]), "violates PodSecurity")


def _refuses_warning(server: Server) -> str:
    """Of pods that it will refuse, the server only warns."""
    return refusal(lambda: _dry(server, [many_as_root()]), "would violate PodSecurity")


def _refuses_unknown(server: Server) -> str:
    odd = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "odd"}, "dataa": {}}
    return refusal(lambda: _dry(server, [odd]), "dataa")


def _dry(server: Server, objects: list[Manifest]) -> str:
    server.apply([placed(one, SPACE) for one in objects], "--dry-run=server")
    return f"{len(objects)} objects"


def _lives(server: Server, values: Path, objects: list[Manifest]) -> str:
    """Installed for good and taken away; what is to outlive it does, and nothing else."""
    space, chart = _space(values), str(server.tree.chart)
    server.helm(space, "install", RELEASE, chart, *_NO_HOOKS, "--values", str(values))
    server.helm(space, "uninstall", RELEASE, *_NO_HOOKS)
    made = {name_of(one, space): one for one in objects if not is_hook(one)}
    kept = {name for name, one in made.items() if is_kept(one)}
    kinds = ",".join(sorted({kind for kind, _, _ in made}))
    listed = server.kubectl("get", kinds, "-A", "-l", f"{_BY}={RELEASE}", "-o", "json")
    left = made.keys() & {name_of(one, space) for one in json.loads(listed)["items"]}
    if left != kept:
        raise Refused(f"expected {sorted(kept)} to outlive the release; got {sorted(left)}")
    server.delete(kept)
    return f"{len(made)} objects, {len(kept)} outlive it"


def _release(server: Server) -> list[tuple[str, Callable[[], str]]]:
    chart, values = str(server.tree.chart), f"{ROOT}/deploy/examples/{LIVED}.yaml"
    given = [RELEASE, chart, *_NO_HOOKS, "--values", values]
    more = ["--set", "workloads.classify.replicas=5"]
    return [
        ("installed", lambda: _asked(server, ["install", *given], 2)),
        ("changed", lambda: _asked(server, ["upgrade", *given, *more], 5)),
        ("other partitions refused", lambda: _refuses_partitions(server, given)),
        ("rolled back", lambda: _asked(server, ["rollback", RELEASE, "1", *_NO_HOOKS], 2)),
        ("history", lambda: _history(server)),
    ]


def _asked(server: Server, command: list[str], wanted: int) -> str:
    """Helm does it, and classify has as many replicas as wanted then."""
    server.helm(SPACE, *command)
    path = "jsonpath={.spec.replicas}"
    found = server.kubectl("get", "deployment", "otklik-classify", "-n", SPACE, "-o", path)
    if found != str(wanted):
        raise Refused(f"expected {wanted} replicas of otklik-classify, got {found}")
    return f"{found} replicas of classify"


def _refuses_partitions(server: Server, given: list[str]) -> str:
    return refusal(
        lambda: server.helm(SPACE, "upgrade", *given, "--set", "kafka.partitions=48"),
        "kafka.partitions",
    )


def _history(server: Server) -> str:
    rows = json.loads(server.helm(SPACE, "history", RELEASE, "--output", "json"))
    found = [row["status"] for row in rows]
    if found[-1] != "deployed" or found.count("deployed") != 1:
        raise Refused(f"expected one revision that is deployed, the last; got {found}")
    return ", ".join(f"{row['revision']} {row['status']}" for row in rows)


def _space(values: Path) -> str:
    """A namespace for each example: what an installation was made with outlives it."""
    return f"otklik-{values.stem.removeprefix('values-')}"

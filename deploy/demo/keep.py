"""How does it keep running? ``up`` leaves Kafka and the services behind, ``down`` ends them."""

import json
import shlex
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from deploy.demo.settings import ROLES, SECRET, TOKEN, admin_token, settings
from deploy.demo.stack import ROOT, Say, Stack, start_broker, start_services, wait_ready
from deploy.local.process import LaunchError, Lifetime, exists, started_at, stop_stranger

STATE = "state.json"
ENV = "env"
CANARY_SECONDS = 60
"""What is left running is watched, as an installation is."""
SEND = '.venv/bin/python -m deploy.demo.send bank "@severbank украли карту, снимают деньги!"'


def up(folder: Path, say: Say) -> None:
    """Start everything detached and print where it listens; what runs already is left alone."""
    state = _state(folder)
    dead = _dead(state)
    if state and not dead:
        say("it is up already")
        _tell(state, folder, say)
        return
    if state and len(dead) < len(state["processes"]):
        logs = ", ".join(str(folder / f"{name}.log") for name in dead)
        raise LaunchError(
            f"not running: {', '.join(dead)} (see {logs}); the rest of what is up still runs\n"
            "nothing was touched; `make down` first, then `make up`: it forgets everything"
        )
    down(folder, say)
    stack = start_broker(folder, "otklik", say, lifetime=Lifetime.DETACHED)
    try:
        given = {**settings(folder, alerts="log:"), "CANARY_SECONDS": str(CANARY_SECONDS)}
        start_services(stack, given, lifetime=Lifetime.DETACHED)
        wait_ready(stack)
    except BaseException:
        stack.stop()
        raise
    state = _noted(stack)
    (folder / STATE).write_text(json.dumps(state))
    write_env(folder / ENV, stack.own("ingest"))
    _tell(state, folder, say)
    say("it started empty: a new `make up` after `make down` forgets what was there")


def write_env(file: Path, settings: Mapping[str, str]) -> None:
    """Settings as lines for a shell, in a file that its owner alone may read: it holds secrets."""
    file.touch(mode=0o600)
    file.write_text("".join(f"{name}={shlex.quote(settings[name])}\n" for name in sorted(settings)))


def down(folder: Path, say: Say) -> None:
    """End what ``up`` left running, the services first; a process that is not ours stays."""
    for name, process in (_state(folder) or {"processes": {}})["processes"].items():
        if _is_ours(process):
            with suppress(ProcessLookupError):
                stop_stranger(process["pid"])
            say(f"{name} stopped")
    (folder / STATE).unlink(missing_ok=True)


def _state(folder: Path) -> Any:
    file = folder / STATE
    return json.loads(file.read_text()) if file.exists() else None


def _dead(state: Any) -> list[str]:
    noted = state["processes"] if state else {}
    return [name for name, process in noted.items() if not _is_ours(process)]


def _noted(stack: Stack) -> dict[str, Any]:
    pids = {name: child.pid for name, child in stack.children.items()}
    if stack.broker:
        pids["kafka"] = stack.broker.pid
    return {
        "processes": {n: {"pid": pid, "started": started_at(pid)} for n, pid in pids.items()},
        "bootstrap": stack.cluster.bootstrap,
        "addresses": stack.addresses,
    }


def _is_ours(process: dict[str, Any]) -> bool:
    """A number is given again after a restart: the same process has the same start."""
    pid = process["pid"]
    return exists(pid) and started_at(pid) == process["started"]


def _tell(state: dict[str, Any], folder: Path, say: Say) -> None:
    say(f"kafka     {state['bootstrap']}, topics under `otklik`")
    for name, address in state["addresses"].items():
        paths = {"hooks": "/v1/hooks/generic/bank", "admin": "/openapi.json"}
        say(f"{name:<9} {address}  ({paths.get(name, '/metrics, /readyz')})")
    say(f"bearer token of route's and notify's API: {TOKEN}")
    for role in ROLES:
        say(f"bearer token of ingest's admin API, role {role}: {admin_token(role)}")
    say(f"webhooks: /v1/hooks/generic/bank (airline, shop), Standard Webhooks, secret {SECRET}")
    say(f"send a post: {SEND}")
    line = f"set -a; . {folder.relative_to(ROOT) / ENV}; set +a"
    say(f"{line}   # then the commands of docs/operate.md see it")
    say(f"logs and databases in {folder}; stop it with `make down`")

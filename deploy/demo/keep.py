"""How does it keep running? ``up`` leaves Kafka and the services behind, ``down`` ends them."""

import json
from pathlib import Path

from deploy.demo.settings import SECRET, TOKEN, settings
from deploy.demo.stack import Say, start_broker, start_services, wait_ready
from deploy.local.process import Lifetime, stop_stranger

STATE = "state.json"


def up(folder: Path, say: Say) -> None:
    """Start everything detached and print where it listens."""
    if (folder / STATE).exists():
        down(folder, say)
    stack = start_broker(folder, "otklik", say, lifetime=Lifetime.DETACHED)
    try:
        start_services(stack, settings(folder, alerts="log:"), lifetime=Lifetime.DETACHED)
        wait_ready(stack)
    except BaseException:
        stack.stop()
        raise
    pids = {name: child.pid for name, child in stack.children.items()}
    if stack.broker:
        pids["kafka"] = stack.broker.pid
    (folder / STATE).write_text(json.dumps({"pids": pids}))
    say(f"kafka     {stack.cluster.bootstrap}, topics under `{stack.cluster.prefix}`")
    for name, address in stack.addresses.items():
        say(f"{name:<9} {address}  (/metrics, /readyz)")
    say(f"bearer token of route's API: {TOKEN}")
    say(f"signing secret of the webhooks /v1/hooks/generic/{{bank,airline,shop}}: {SECRET}")
    say(f"logs and databases in {folder}; stop it with `make down`")


def down(folder: Path, say: Say) -> None:
    """End what ``up`` left running; the services first."""
    state = folder / STATE
    if not state.exists():
        say("nothing is up")
        return
    for name, pid in json.loads(state.read_text())["pids"].items():
        stop_stranger(pid)
        say(f"{name} stopped")
    state.unlink()

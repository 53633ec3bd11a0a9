"""Where are drills held, how are an operator's commands given, and what is told of the outcome?"""

import os
import sys
from asyncio.subprocess import PIPE, create_subprocess_exec
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from deploy.local import postgres
from schemas.event import derive_id
from schemas.topics import DECISIONS
from stream.topic_admin import Cluster
from tests.ledger.fight import Fought, Ground
from tests.ledger.fleet import SERVICES_WITH_STORE
from tests.processes import ROOT, environment_of

PATIENCE = 420


class Done(NamedTuple):
    """What a command came to."""

    code: int
    said: str


def ground_for(
    name: str, bootstrap: str, server: postgres.Server, folder: Path, **named: str
) -> Ground:
    """A ground with a database for each service, as an installation has them."""
    run = derive_id(str(os.getpid()), name)[:8]
    return Ground(
        cluster=Cluster(bootstrap=bootstrap, prefix=f"{name}-{run}", partitions=12),
        databases={
            one: server.create_database(f"{name}_{one}_{run}") for one in SERVICES_WITH_STORE
        },
        folder=folder,
        **named,
    )


async def command(cluster: Cluster, line: str, given: Mapping[str, str], root: Path = ROOT) -> Done:
    """Give a command of docs/operate.md, with what the service has in its environment."""
    process = await create_subprocess_exec(
        sys.executable,
        *line.removeprefix("python ").split(),
        cwd=root,
        env=environment_of(cluster, **given),
        stdout=PIPE,
        stderr=PIPE,
    )
    out, error = await process.communicate()
    return Done(process.returncode or 0, (out + error).decode())


def saved(server: postgres.Server, url: str, file: Path) -> Sequence[str]:
    """The command that saves a database while it is used."""
    return (server.tool("pg_dump"), "--format=custom", f"--file={file}", plain(url))


def put_back(server: postgres.Server, url: str, file: Path) -> Sequence[str]:
    """The command that puts a database back as it was saved, wholly or not at all."""
    how = ("--clean", "--if-exists", "--single-transaction", "--no-owner")
    return (server.tool("pg_restore"), *how, f"--dbname={plain(url)}", str(file))


def plain(url: str) -> str:
    """The URL as the database's own tools know it."""
    return url.replace("postgresql+asyncpg://", "postgresql://")


async def run(program: Sequence[str]) -> None:
    """Run a tool of the database; raises ``AssertionError`` with what it says."""
    process = await create_subprocess_exec(*program, stdout=PIPE, stderr=PIPE)
    _, error = await process.communicate()
    assert process.returncode == 0, error.decode()


def tell(drill: str, fought: Fought, **more: int) -> dict[str, int]:
    """The ledger of a drill, printed: what was sent, what came of it, what was lost."""
    decided = {
        (one["brand"], one["post_id"], one["revision"])
        for one in fought.found.events(DECISIONS, "Decision").values()
    }
    ledger = {
        "deliveries": fought.accepted.deliveries,
        "refused": fought.accepted.refused,
        "cut off and sent again": fought.accepted.repeated,
        "accepted": len(fought.accepted.revisions),
        "decided": len(decided),
        "lost": len(fought.accepted.revisions - decided),
        "invented": len(decided - fought.accepted.revisions),
        "tickets": len(fought.found.route_tickets),
        "records that came twice": fought.found.repeated(),
        **more,
    }
    width = max(map(len, ledger))
    lines = [f"  {name:<{width}}  {count}" for name, count in ledger.items()]
    sys.stdout.write("\n".join(["", drill, *lines, ""]))
    return ledger

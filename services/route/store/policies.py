"""Which policy runs? Versions in the database, so that all replicas switch together.

A file is where a version comes from: read at the start and whenever it changes, checked, and only
then made a version. A file that fails, or one that is older than the version that runs, changes
nothing.
"""

import logging
from pathlib import Path
from typing import Any

from sqlalchemy import Row, func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from schemas.yaml_marks import BadFile, Problem
from services.route.domain.desk import Rules
from services.route.domain.policy import text_hash
from services.route.domain.rulebook import Installed, Rulebook, Version, checked
from services.route.domain.views import PolicyView
from services.route.policy_source import files_beside, read_source
from services.route.store.tables import POLICIES
from stream.clock import Clock
from stream.database import alone, from_micros, micros

LOG = logging.getLogger(__name__)
_NEWEST = select(func.max(POLICIES.c.seq))
_LATEST = select(POLICIES).order_by(POLICIES.c.seq.desc()).limit(1)


async def newest(connection: AsyncConnection) -> int | None:
    """The number of the version that decides, or None before there is one."""
    seq: int | None = (await connection.execute(_NEWEST)).scalar_one_or_none()
    return seq


async def latest(connection: AsyncConnection) -> Version | None:
    """The version that decides."""
    row = (await connection.execute(_LATEST)).one_or_none()
    return _version(row) if row else None


async def versions(connection: AsyncConnection) -> list[PolicyView]:
    """Every version, the newest first."""
    rows = (await connection.execute(select(POLICIES).order_by(POLICIES.c.seq.desc()))).all()
    return [
        PolicyView(
            seq=row.seq,
            hash=row.hash,
            author=row.author,
            activated_at=from_micros(row.activated_at),
        )
        for row in rows
    ]


async def version(connection: AsyncConnection, seq: int) -> Version | None:
    """One version in full."""
    query = select(POLICIES).where(POLICIES.c.seq == seq)
    row = (await connection.execute(query)).one_or_none()
    return _version(row) if row else None


async def activate(
    engine: AsyncEngine, text: str, *, author: str, clock: Clock, written_at: int | None = None
) -> Version:
    """The version that decides from now on: this text, or what runs where that must stay.

    The same text twice is one version. A text that decided before comes back only where its file
    was ``written_at`` (microseconds) after the running version began: a replica that starts with a
    stale copy of the file takes nothing back.
    """
    name = text_hash(text)
    async with engine.begin() as connection:
        running = await latest(connection)
        if running and (
            running.hash == name or await _is_stale(connection, running, name, written_at)
        ):
            return running
        values = {
            "hash": name,
            "text": text.encode(),
            "author": author,
            "activated_at": micros(clock.real()),
            "follows": running.seq if running else 0,
        }
        try:
            async with connection.begin_nested():
                await connection.execute(insert(POLICIES).values(**values))
        except IntegrityError:
            LOG.info("another replica was first", extra={"policy": name})
        found = await latest(connection)
    if found is None:
        raise AssertionError("a version was inserted a moment ago")
    return found


async def _is_stale(
    connection: AsyncConnection, running: Version, name: str, written_at: int | None
) -> bool:
    """Did this text decide before, and is its file older than what runs?"""
    before = select(POLICIES.c.seq).where(POLICIES.c.hash == name).limit(1)
    known = (await connection.execute(before)).first() is not None
    return known and written_at is not None and written_at <= running.activated_at


def _version(row: Row[Any]) -> Version:
    return Version(
        seq=row.seq,
        hash=row.hash,
        text=row.text.decode(),
        author=row.author,
        activated_at=row.activated_at,
    )


async def newest_rules(connection: AsyncConnection, rulebook: Rulebook) -> Rules:
    """The newest version compiled, also where a process has no posts to decide on.

    One of another release, which this one cannot read, leaves the version before it.
    """
    seq = await newest(connection)
    known = rulebook.current if seq is None else rulebook.known(seq)
    version = None if known else await latest(connection)
    try:
        return known or (rulebook.put(version) if version else rulebook.current)
    except BadFile:
        LOG.warning("policy of another release, the one before it goes on")
        return rulebook.current


class PolicyFile:
    """The file or ConfigMap that a policy comes from, with the holiday files beside it.

    ``ok`` while what they say is what was checked.
    """

    def __init__(self, file: str, installed: Installed, engine: AsyncEngine, clock: Clock) -> None:
        self._file, self.installed = Path(file), installed
        self.engine, self._clock = engine, clock
        self._beside: tuple[Path, ...] = ()
        self._read_at: tuple[int, ...] = ()
        self.ok = True

    async def refresh(self) -> None:
        """Make a version of the files where one has changed and all are fit to decide.

        One that is not is logged, once a change, and the running version stays; with none running
        it raises ``BadFile``, also for a file that cannot be read: no waiting mends that.
        """
        changed_at = self._changed_at()
        if changed_at == self._read_at:
            return
        self._beside = files_beside(self._file)
        changed_at = self._changed_at()  # of what it names now, and before that is read
        try:
            text = self._text()
            checked(text, self.installed)
        except BadFile as error:
            if await running(self.engine) is None:
                raise
            self.ok, self._read_at = False, changed_at
            LOG.warning("policy refused", extra={"file": self._file.name, "why": str(error)})
            return
        author, written_at = f"file {self._file.name}", max(changed_at) // 1000
        await activate(self.engine, text, author=author, clock=self._clock, written_at=written_at)
        self.ok, self._read_at = True, changed_at

    def _text(self) -> str:
        try:
            return read_source(self._file)
        except (OSError, UnicodeDecodeError) as error:
            why = f"expected a policy in UTF-8 at {self._file}: {error}"
            raise BadFile((Problem(line=1, column=1, path="$", why=why),)) from error

    def _changed_at(self) -> tuple[int, ...]:
        """Of the policy and of each file that it names."""
        return tuple(map(_written_at, (self._file, *self._beside)))


def _written_at(file: Path) -> int:
    """In nanoseconds; 1 for a file that is not there."""
    try:
        return file.stat().st_mtime_ns
    except OSError:
        return 1


async def running(engine: AsyncEngine) -> Version | None:
    """The version that decides, outside of any step."""
    async with alone(engine).connect() as connection:
        return await latest(connection)

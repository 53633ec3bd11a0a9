"""Does a store fit its broker? Outbox, positions and the clock of a database, from outside."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from aiokafka.errors import TopicAuthorizationFailedError
from sqlalchemy import MetaData, Row, inspect, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from stream.clock import Clock
from stream.database import alone, database_seconds, open_engine
from stream.doctor_findings import Finding, Ward, bad, ok
from stream.lag import ends_of
from stream.outbox import LedgerTables
from stream.topic_admin import described

CLOCKS_APART_SECONDS = 2.0


async def examine_store(ward: Ward, database_url: str, clock: Clock) -> AsyncIterator[Finding]:
    """Every check of a database; one that cannot be opened gives one finding."""
    _, _, file = database_url.partition(":///")
    if database_url.startswith("sqlite") and not Path(file).exists():  # noqa: ASYNC240 - once
        yield bad(
            f"DATABASE_URL: there is no file {file}", "start the service, or correct the path"
        )
        return
    engine = open_engine(database_url)
    try:
        yield await _clocks(engine, clock)
        tables = await _tables(engine)
        owners = [service for service in ward.reads if f"{service}_outbox" in tables]
        others = {shelf.service for shelf in ward.shelves} - set(owners)
        plain = sorted(one for one in others if any(t.startswith(f"{one}_") for t in tables))
        for service in plain:
            yield ok(f"{service}: its store is there; it has no positions")
        if not owners and not plain:
            then = "start the services once, or correct DATABASE_URL and its schema"
            yield bad("DATABASE_URL: expected the tables of a service, found none", then)
        for service in owners:
            yield await _outbox(engine, service, ward.watch_seconds)
            yield await _positions(engine, service, ward)
    except (SQLAlchemyError, OSError) as error:
        found = f"DATABASE_URL: the database does not answer: {type(error).__name__}"
        yield bad(found, "start it, or correct DATABASE_URL")
    finally:
        await engine.dispose()


async def _clocks(engine: AsyncEngine, clock: Clock) -> Finding:
    async with alone(engine).connect() as connection:
        before = clock.real().timestamp()
        theirs = float((await connection.execute(select(database_seconds()))).scalar_one())
        after = clock.real().timestamp()
    apart = theirs - (before + after) / 2
    if abs(apart) > CLOCKS_APART_SECONDS + (after - before):
        then = "set both clocks by NTP: leases end by the database's, ticks come by the services'"
        return bad(f"the database's clock is {apart:+.1f} s off this host's", then)
    return ok(f"the database's clock is within {CLOCKS_APART_SECONDS:g} s of this host's")


async def _tables(engine: AsyncEngine) -> list[str]:
    async with alone(engine).connect() as connection:
        return await connection.run_sync(lambda sync: inspect(sync).get_table_names())


async def _outbox(engine: AsyncEngine, service: str, watch_seconds: float) -> Finding:
    """What stays in the outbox between two looks is not on its way."""
    left = await _stored(engine, service)
    if left:
        await asyncio.sleep(watch_seconds)  # between two looks
        left = left & await _stored(engine, service)
    if not left:
        return ok(f"{service}: its outbox is published")
    then = f"{service} publishes them when it has their partitions: is it running, is it stopped?"
    return bad(f"{service}: {len(left)} events stored and not published", then)


async def _stored(engine: AsyncEngine, service: str) -> frozenset[int]:
    box = LedgerTables(MetaData(), service).outbox
    async with alone(engine).connect() as connection:
        return frozenset((await connection.execute(select(box.c.id))).scalars())


async def _positions(engine: AsyncEngine, service: str, ward: Ward) -> Finding:
    consumed = LedgerTables(MetaData(), service).consumed
    async with alone(engine).connect() as connection:
        stored = (await connection.execute(select(consumed))).all()
    hidden = await _hidden(ward, service)
    rows = [row for row in stored if _place(row, ward)[0] not in hidden]
    ends = await ends_of(ward.cluster, ward.reads[service])
    reached = {(tp.topic, tp.partition): end for tp, end in ends.items()}
    beyond = [row for row in rows if row.next_offset > reached.get(_place(row, ward), 0)]
    if not beyond:
        return ok(f"{service}: its {len(rows)} positions lie within their topics")
    one = beyond[0]
    then = "an old database with a new broker? Give each installation its own"
    return bad(
        f"{service}: consumed {one.topic} partition {one.partition} to {one.next_offset}, it ends "
        f"at {reached.get(_place(one, ward), 0)}; {len(beyond)} such positions",
        then,
    )


async def _hidden(ward: Ward, service: str) -> frozenset[str]:
    """The topics that this user may not describe: where they end nobody sees from here."""
    found = await described(ward.cluster, ward.reads[service])
    refused = TopicAuthorizationFailedError.errno
    return frozenset(topic["topic"] for topic in found if topic["error_code"] == refused)


def _place(row: Row[tuple[str, int, int]], ward: Ward) -> tuple[str, int]:
    return f"{ward.cluster.prefix}.{row.topic}", row.partition

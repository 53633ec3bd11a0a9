"""One case, alone in its process: ``python -m bench.case JSON`` prints its cost as JSON."""

import asyncio
import sys
from typing import TypeAlias

import msgspec

from bench.bare import Way, loop
from bench.hops import bare_hop, route_hop
from bench.ledgers import ledger
from bench.posted import READ, WRITTEN
from bench.pumps import pump
from bench.window import Cost, Window, measured
from stream.settings import PumpName
from stream.topic_admin import Cluster


class Bare(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The bare loop, as a group of its own."""

    cluster: Cluster
    group: str
    total: int


class Pump(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A pump of ours, as a group of its own."""

    cluster: Cluster
    group: str
    total: int
    kind: PumpName


class Steps(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The ledger on a database, in tables of its own."""

    database_url: str
    table: str
    batch: int
    total: int


class Hop(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Route on its database; or, with so many ``trips``, the bare loop beside it."""

    cluster: Cluster
    group: str
    total: int
    database_url: str
    trips: int | None = None


Case: TypeAlias = Bare | Pump | Steps | Hop


async def run(case: Case) -> Cost:
    """Do the case's work once; the first tenth warms up and is not measured."""
    window = Window(warm=max(1, case.total // 10), total=case.total)
    match case:
        case Bare():
            prefix = case.cluster.prefix
            way = Way(read=READ.under(prefix), written=WRITTEN.under(prefix), group=case.group)
            await loop(case.cluster.bootstrap, way, window.acked)
        case Pump():
            await pump(case.cluster, case.kind, case.group, window)
        case Steps():
            await ledger(case.database_url, case.table, case.batch, window, case.total)
        case Hop(trips=None):
            await route_hop(case.cluster, case.database_url, case.group, window)
        case Hop(trips=int(trips)):
            await bare_hop(case.cluster, case.database_url, case.group, window, trips)
    return measured(window)


if __name__ == "__main__":
    given = msgspec.json.decode(sys.argv[1], type=Case)
    sys.stdout.buffer.write(msgspec.json.encode(asyncio.run(run(given))) + b"\n")

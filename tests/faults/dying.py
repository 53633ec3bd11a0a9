"""What if route dies exactly there? The service as it ships, with a failpoint wrapped around it.

DIE_AT=stored|half|acked|deleted python -m tests.faults.dying serve
"""

import os
import signal
import sys
from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncConnection

from services.route import __main__ as route
from services.route import app
from stream.flow import Outgoing, Received, Where
from stream.ledger import Ledger, Waiting
from stream.process import Work
from stream.publisher import KafkaPublisher


class DieAt(StrEnum):
    """Between which two steps of the first batch."""

    stored = "stored"
    half = "half"
    acked = "acked"
    deleted = "deleted"


AT = DieAt(os.environ["DIE_AT"])  # noqa: TID251 - a process of the tests has no settings.py
ARMED: list[Where] = []
"""The partitions of the step that has taken hold in the store, once there is one."""


def die() -> None:
    """As the out-of-memory killer does it: nothing is finished."""
    os.kill(os.getpid(), signal.SIGKILL)


class DyingLedger(Ledger):
    """A ledger that dies after its commit, or after its outbox is empty again."""

    async def _step(
        self, wheres: Collection[Where], records: Sequence[Received], work: Work[AsyncConnection]
    ) -> tuple[Mapping[Where, int], Sequence[Waiting]]:
        taken = await super()._step(wheres, records, work)
        ARMED.extend(wheres)
        if AT is DieAt.stored:
            die()
        return taken

    async def _hand_over(self, waiting: Sequence[Waiting]) -> None:
        await super()._hand_over(waiting)
        if ARMED and AT is DieAt.deleted:
            die()


class DyingPublisher(KafkaPublisher):
    """A publisher that dies with half of a batch acked, or with all of it."""

    async def __call__(self, outputs: Sequence[Outgoing]) -> Sequence[int]:
        if not ARMED:
            return await super().__call__(outputs)
        await super().__call__(outputs[: len(outputs) // 2] if AT is DieAt.half else outputs)
        if AT in {DieAt.half, DieAt.acked}:
            die()
        return []


if __name__ == "__main__":
    setattr(app, "Ledger", DyingLedger)  # noqa: B010 - a class is no attribute to assign to
    setattr(app, "KafkaPublisher", DyingPublisher)  # noqa: B010 - as above
    sys.exit(route.main(sys.argv[1:]))

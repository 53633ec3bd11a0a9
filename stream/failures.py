"""Of which kind is a failure? Invalid message, dependency, or bug; there is no fourth (design 3.3).

An invalid message says so itself (``InvalidMessage``). What this module does not recognise as a
dependency is a bug.
"""

import asyncio
from collections.abc import Sequence

from aiokafka.errors import KafkaError
from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from stream.flow import Received

_RETRIABLE_SQLSTATES = ("08", "40", "53", "55P03", "57")
"""Connection, serialisation and deadlock, resources, lock timeout, operator intervention."""


class StoppedOnBug(Exception):  # noqa: N818 - says what happened to the partition
    """One record failed three times for a reason of ours; its partition must stand still."""

    def __init__(self, received: Received) -> None:
        where = f"topic {received.topic} partition {received.partition} offset {received.offset}"
        super().__init__(f"this record cannot be processed and is not invalid: {where}")
        self.received = received


class Flooded(Exception):  # noqa: N818 - says what happened to the partition
    """So many records are invalid that the fault is likelier ours; nothing was committed."""

    def __init__(self, received: Received, why: str) -> None:
        where = f"topic {received.topic} partition {received.partition} offset {received.offset}"
        super().__init__(f"too many invalid records: {why}; first not kept: {where}")
        self.received = received


class Fenced(Exception):  # noqa: N818 - the field's word
    """Another replica has moved this partition's position: drop the batch and rejoin."""


def flooded(recent: Sequence[bool], *, window: int, run: int = 50) -> str | None:
    """Why the flow must stop, or None; ``recent`` says of each record whether it was invalid."""
    if len(recent) >= run and all(recent[-run:]):
        return f"{run} in a row"
    last = recent[-window:]
    if len(last) == window and sum(last) * 2 > window:
        return f"{sum(last)} of the last {window}"
    return None


def is_dependency(error: BaseException) -> bool:
    """Would the same batch succeed once the broker, the database or the network is back?"""
    if isinstance(error, KafkaError | asyncio.TimeoutError | TimeoutError | OSError | PoolTimeout):
        return True
    if not isinstance(error, DBAPIError):
        return False
    state = getattr(error.orig, "sqlstate", None) or ""
    if state:
        return state.startswith(_RETRIABLE_SQLSTATES)
    # internal without a state: asyncpg, asked between the server's farewell and the socket's end
    of_the_driver = isinstance(error, OperationalError | InterfaceError | InternalError)
    return error.connection_invalidated or of_the_driver

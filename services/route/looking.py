"""What does a command see that only looks into the store? Read only, beside a running route."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import TypeVar

from services.route.settings import store_given
from stream.settings import BadSettings

T = TypeVar("T")


class NoStore(Exception):  # noqa: N818 - reads as what it is
    """The store cannot be read; the message says why."""


def looked_up(read: Callable[[str], Coroutine[None, None, T]]) -> T:
    """What the store tells; raises ``BadSettings`` where none is named, ``NoStore``."""
    from services.route.store.read_only import Unreadable  # a database is loaded where one is asked

    store = store_given()
    if not store:
        raise BadSettings("expected DATABASE_URL, route's store")
    try:
        return asyncio.run(read(store))
    except Unreadable as error:
        raise NoStore(str(error)) from error

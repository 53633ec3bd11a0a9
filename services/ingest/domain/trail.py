"""How far back does a poll read? Newest first, until it meets what was read before.

A trail that was cut in the middle is taken up where it was cut; what is newer comes with the next
round from the top.
"""

from collections.abc import Sequence
from typing import TypeVar

import msgspec

T = TypeVar("T")


class Trail(msgspec.Struct, frozen=True, kw_only=True):
    """A cursor: read down to ``until``; ``newest`` will be the next limit, ``next`` the next page.

    Times are whatever the platform orders by, as Unix seconds.
    """

    until: int | None = None
    newest: int | None = None
    next: str | None = None


def followed(trail: Trail, times: Sequence[int], next_page: str | None) -> Trail:
    """The trail once a page with these times was read; its ``next`` is None at the end.

    The first page ever ends it where ``until`` is None: a poll is no import.
    """
    newest = max((at for at in (trail.newest, *times) if at is not None), default=None)
    older = trail.until is not None and all(at > trail.until for at in times)
    if next_page and times and older:
        return Trail(until=trail.until, newest=newest, next=next_page)
    return Trail(until=newest if newest is not None else trail.until)


def cursor_of(kind: type[T], kept: bytes | None, otherwise: T) -> T:
    """What a kept cursor says; one that an older version wrote otherwise begins anew."""
    if kept is None:
        return otherwise
    try:
        return msgspec.json.decode(kept, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return otherwise

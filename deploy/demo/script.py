"""What happens on the day that the demo plays? Lines of day.yaml, each at its time of day."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

DAY = datetime.fromisoformat("2026-03-02T00:00:00+02:00")
"""A Monday in Sofia; the day's lines are in its local time."""

BRANDS = {"bank": "severbank", "airline": "balkanair", "shop": "lavka"}


class Line(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that happens: somebody writes, a person acts, or garbage arrives.

    ``by`` is the customer, or ``brand`` or ``bot`` for the company's own accounts; ``under`` is
    the wall post or dialogue, ``re`` the post that is answered, ``thread`` its top comment.
    """

    at: str
    to: str = ""
    id: str = ""
    by: str = ""
    text: str = ""
    under: str | None = None
    thread: str | None = None
    re: str | None = None
    tags: tuple[str, ...] = ()
    private: bool = False
    review: int | None = None
    followers: int | None = None
    scene: str | None = None
    raw: str | None = None
    ack: str | None = None
    close: str | None = None

    @property
    def instant(self) -> datetime:
        """When it happens."""
        hours, _, rest = self.at.partition(":")
        return DAY + timedelta(hours=int(hours), minutes=float(rest))

    @property
    def is_post(self) -> bool:
        """Is it a post, rather than garbage or an act?"""
        return bool(self.id)


def read_day(file: Path) -> list[Line]:
    """The lines of a day in the order of time; a wrong one names its place."""
    lines = msgspec.yaml.decode(file.read_bytes(), type=list[Line])
    return sorted(lines, key=lambda line: line.instant)


def conversations(lines: Iterable[Line]) -> dict[str, str]:
    """The conversation of each post: a reply is in that of the post it answers."""
    found: dict[str, str] = {}
    for line in lines:
        if line.is_post:
            found[line.id] = line.under or found.get(line.re or "", line.id)
    return found


def payload(line: Line, conversation: str) -> dict[str, Any]:
    """A post as the generic webhook takes it."""
    author: dict[str, Any] = {"id": _author(line)}
    if line.followers is not None:
        author["followers"] = line.followers
    found = {
        "id": line.id,
        "author": author,
        "text": line.text,
        "posted_at": line.instant.isoformat(),
        "conversation_id": conversation,
        "thread_id": line.thread or line.re or line.id,
        "parent_id": line.re or line.under,
        "kind": _kind(line),
        "space": _space(line),
        "visibility": "private" if line.private else "public",
        "mentions": list(line.tags),
        "rating": line.review,
    }
    return {name: value for name, value in found.items() if value is not None}


def _author(line: Line) -> str:
    own = {"brand": BRANDS[line.to], "bot": f"{BRANDS[line.to]}-bot"}
    return own.get(line.by, line.by)


def _kind(line: Line) -> str:
    if line.review is not None:
        return "review"
    if line.private:
        return "message"
    if line.re:
        return "reply"
    return "comment" if line.under else "post"


def _space(line: Line) -> str:
    if line.review is not None:
        return "review"
    if line.private:
        return "dm"
    return "own_page" if line.under else "mention"

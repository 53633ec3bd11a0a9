"""What is shown of a case to who works on it, and of a command to who checks it?"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from schemas.event import Contract, Instant
from schemas.tickets import Ticket
from schemas.vocabulary import Disposition, Visibility
from services.route.domain.also_asked import AlsoAsked
from services.route.domain.holding import Hold
from services.route.domain.swaps import Swap

CUSTOMER = "customer"
"""Who wrote a post of the thread, where it is the customer of the case."""


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """Which tickets are asked for; ``brands`` None for all. ``since`` is real time."""

    after: str = ""
    since: datetime | None = None
    team: str | None = None
    owner: str | None = None
    brands: frozenset[str] | None = None
    limit: int = 200


class ThreadPost(Contract, frozen=True, kw_only=True):
    """A post of the thread, masked: who of whom it is and when, no word of it."""

    post_id: str
    at: Instant
    who: str
    parent_id: str | None = None
    removed: bool = False
    visibility: Visibility = Visibility.public


class TicketView(Contract, frozen=True, kw_only=True):
    """A ticket for who works on it; ``suggestion`` is a reply to begin with, not to send as is."""

    ticket: Ticket
    thread: tuple[ThreadPost, ...] = ()
    also_asked: tuple[AlsoAsked, ...] = ()
    visibility: Visibility = Visibility.public
    suggestion: str | None = None


class PolicyView(Contract, frozen=True, kw_only=True):
    """A version of the policy, without its text."""

    seq: int
    hash: str
    author: str
    activated_at: Instant


class SwapView(Contract, frozen=True, kw_only=True):
    """A swap of duty with its number, who made it, and why."""

    id: int
    swap: Swap
    by: str
    reason: str


class DutyView(Contract, frozen=True, kw_only=True):
    """Who is on duty at an instant, by team, and the swaps that hold from then on.

    ``alerts_held`` says that nobody of them is called now, whatever instant is asked for.
    """

    at: Instant
    on_duty: dict[str, tuple[str, ...]]
    swaps: tuple[SwapView, ...]
    alerts_held: Hold | None = None


class Audited(Contract, frozen=True, kw_only=True):
    """One command: who, when, on what, why, and the fields that it changed, before and after."""

    at: Instant
    by: str
    command: str
    brand: str
    ticket_id: str | None = None
    version: int | None = None
    reason: str | None = None
    changed: dict[str, tuple[Any, Any]] = msgspec.field(default_factory=dict)


class Correction(Contract, frozen=True, kw_only=True):
    """Where a person decided otherwise: a label of the post that the case was last about."""

    id: str
    brand: str
    lang: str
    disposition: Disposition
    urgency: int
    was_disposition: Disposition
    was_urgency: int
    by: str
    at: Instant
    reason: str


_SHOWN = (
    "team",
    "owner",
    "claim",
    "state",
    "disposition",
    "urgency",
    "priority",
    "outcome",
    "related",
)


def visibility_of(thread: Sequence[ThreadPost]) -> Visibility:
    """Who reads a reply to this case: private only where each of the customer's posts was.

    Where one of them was not, the next reply may be read by all, and asks for nothing (R73).
    """
    said = [post.visibility for post in thread if post.who == CUSTOMER]
    private = bool(said) and all(one is Visibility.private for one in said)
    return Visibility.private if private else Visibility.public


def differences(before: Ticket, after: Ticket) -> dict[str, tuple[Any, Any]]:
    """The fields that a command changed."""
    return {
        name: (getattr(before, name), getattr(after, name))
        for name in _SHOWN
        if getattr(before, name) != getattr(after, name)
    }

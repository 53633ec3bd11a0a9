"""How is each source? Live, silent beyond what is usual, never heard, or shut (P15)."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from services.ingest.domain.brands import Account
from services.ingest.domain.heard import Heard, What

State = Literal["live", "silent", "pending", "disabled"]


class SourceState(msgspec.Struct, frozen=True, kw_only=True):
    """One account as ``GET /v1/sources`` shows it; times are real.

    ``pending`` was never heard, ``disabled`` has no live secret, ``silent`` has said nothing for
    longer than its expected interval.
    """

    brand: str
    source: str
    account: str
    channel_role: str
    state: State
    last_event_at: datetime | None
    expected_interval_seconds: int | None
    handshake_at: datetime | None
    cursor_at: datetime | None


def source_states(
    accounts: Iterable[Account],
    *,
    enabled: frozenset[tuple[str, str]],
    latest: Mapping[Heard, datetime],
    now: datetime,
) -> tuple[SourceState, ...]:
    """The state of every configured account, in the order of the file."""
    return tuple(_state(account, enabled, latest, now) for account in accounts)


def _state(
    account: Account,
    enabled: frozenset[tuple[str, str]],
    latest: Mapping[Heard, datetime],
    now: datetime,
) -> SourceState:
    def at(what: What) -> datetime | None:
        return latest.get(Heard(source=account.source, account=account.id, what=what))

    last, expected = at(What.event), account.expected_interval
    state: State = "live"
    if (account.source, account.id) not in enabled:
        state = "disabled"
    elif last is None:
        state = "pending"
    elif expected and now - last > timedelta(seconds=expected):
        state = "silent"
    return SourceState(
        brand=account.brand,
        source=account.source,
        account=account.id,
        channel_role=account.channel_role,
        state=state,
        last_event_at=last,
        expected_interval_seconds=expected,
        handshake_at=at(What.handshake),
        cursor_at=at(What.cursor),
    )

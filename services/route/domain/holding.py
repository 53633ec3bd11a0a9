"""Who holds all alerts back, since when? One switch for everybody (design 3.7)."""

from typing import Annotated

import msgspec

from schemas.event import Contract, Instant
from services.route.domain.commands import Reason


class HoldWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Hold every alert back until somebody lets them go."""

    reason: Reason


class Hold(Contract, frozen=True, kw_only=True):
    """Alerts are held: since when, by whom, and why."""

    id: int
    since: Instant
    by: str
    reason: str


class HoldView(msgspec.Struct, frozen=True, kw_only=True):
    """The switch as it is shown; null where alerts go out."""

    held: Annotated[Hold | None, msgspec.Meta(description="null where alerts go out")]

"""What stands in a file of worked clock examples? Its shapes, case by case (sla/README)."""

import msgspec

from schemas.calendars import Calendar
from schemas.event import Instant
from services.notify.domain.life import LifecycleCase


class BadCases(ValueError):  # noqa: N818 - says what was found
    """The file cannot be read; the message says what was expected and where."""


class CaseCalendar(msgspec.Struct, frozen=True, kw_only=True):
    """A calendar as case files write it."""

    timezone: str
    weekly: dict[str, tuple[tuple[str, str], ...]]
    date_overrides: dict[str, tuple[tuple[str, str], ...]] = {}
    holidays: tuple[str, ...] = ()

    def read(self) -> Calendar:
        """The same calendar as it travels in terms."""
        return Calendar(
            timezone=self.timezone,
            weekly=self.weekly,
            overrides=self.date_overrides,
            holidays=self.holidays,
        )


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """Instants, target and pauses of one case, as far as its kind has them; seconds."""

    started_at: Instant | None = None
    from_: Instant | None = msgspec.field(default=None, name="from")
    to: Instant | None = None
    at: Instant | None = None
    now: Instant | None = None
    target_seconds: float | None = None
    before_due_seconds: float = 0
    at_risk_above_percent: float = 100
    pauses: tuple[tuple[Instant, Instant | None], ...] = ()


class TimeCase(msgspec.Struct, frozen=True, kw_only=True):
    """A question about working time under a named calendar."""

    id: str
    kind: str = "status"
    calendar: str
    input: Given


class Wall(msgspec.Struct, frozen=True, kw_only=True):
    """What a clock on a wall shows."""

    timezone: str
    date: str
    wall: str


class WallCase(msgspec.Struct, frozen=True, kw_only=True):
    """A question about a wall clock."""

    id: str
    input: Wall


class AttainmentFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Answer times, or percentages beside their goals."""

    elapsed_seconds: tuple[float, ...] = ()
    answered_elapsed_seconds: tuple[float, ...] = ()
    open_elapsed_seconds: tuple[float, ...] = ()
    goals: dict[str, float] = {}
    actual: dict[str, float] = {}
    previous: dict[str, float] = {}


class AttainmentCase(msgspec.Struct, frozen=True, kw_only=True):
    """A question about how well promises were kept."""

    id: str
    input: AttainmentFigures


Case = TimeCase | WallCase | LifecycleCase | AttainmentCase


class CaseFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file, its cases still undecoded: one bad case must not hide the others."""

    calendars: dict[str, msgspec.Raw] = {}
    cases: tuple[msgspec.Raw, ...] = ()
    wall_clock_cases: tuple[msgspec.Raw, ...] = ()
    status_cases: tuple[msgspec.Raw, ...] = ()
    lifecycle_cases: tuple[msgspec.Raw, ...] = ()
    attainment_cases: tuple[msgspec.Raw, ...] = ()

    def by_shape(self) -> tuple[tuple[tuple[msgspec.Raw, ...], type[Case]], ...]:
        """The undecoded cases with the shape that each is to have."""
        return (
            (self.cases, TimeCase),
            (self.wall_clock_cases, WallCase),
            (self.status_cases, TimeCase),
            (self.lifecycle_cases, LifecycleCase),
            (self.attainment_cases, AttainmentCase),
        )


def read_file(content: bytes) -> CaseFile:
    """The file of these bytes; raises ``BadCases``."""
    try:
        return msgspec.json.decode(content, type=CaseFile)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadCases(f"expected a file of clock cases: {error}") from error

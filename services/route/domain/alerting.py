"""What fires, and in which group is it told? An alert as Alertmanager has it, and its group."""

from collections.abc import Mapping
from datetime import datetime

from schemas.alerts import AlertChanged
from schemas.event import Contract, Instant, derive_id
from schemas.states import AlertKind, AlertState, PriorityBand
from services.route.domain.intents import AlertIntent
from services.route.domain.message import About
from services.route.domain.teams import Rung
from services.route.domain.ways import Pace

FIRST_TICKETS = 20
"""How many ticket ids an alert names; the rest is a count (contracts.md)."""

FIRST_TRACES = 20
"""So many of what caused an alert are remembered."""

_BANDS = (PriorityBand.low, PriorityBand.normal, PriorityBand.high, PriorityBand.critical)


class Undelivered(Exception):  # noqa: N818 - says what happened
    """The channel did not accept; ``retry_after`` is its own wish in seconds, where it has one."""

    def __init__(self, why: str, *, retry_after: float | None = None) -> None:
        super().__init__(why)
        self.retry_after = retry_after


class Notice(Contract, frozen=True, kw_only=True):
    """An alert on its way to a channel, with what its words are made of, and who is on duty.

    ``traces`` are those of what caused it, as far as they are recorded.
    """

    alert: AlertChanged
    about: About
    people: tuple[str, ...] = ()
    traces: tuple[str, ...] = ()


class Member(Contract, frozen=True, kw_only=True):
    """An alert in a group: since when it fires, until when, and what of it has been told.

    ``ends_at`` None: until its case needs nobody. ``told`` is the last state that was told of it,
    None where nothing was. ``taken``: somebody has claimed its case; ``settled``: somebody
    has done what it asked for. ``mark`` is its group's.
    """

    group_key: str
    base: str
    labels: Mapping[str, str]
    kind: AlertKind
    severity: PriorityBand
    need: str
    about: About
    starts_at: Instant
    ends_at: Instant | None
    ticket: str = ""
    tickets: tuple[str, ...] = ()
    count: int = 1
    announced: int = 0
    link: str | None = None
    taken: bool = False
    settled: bool = False
    told: AlertState | None = None
    mark: str = ""
    traces: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The same alert of the same group has one id."""
        return derive_id(self.group_key, "Member", self.base)

    def fires(self, at: datetime) -> bool:
        """Does it fire at that instant?"""
        return self.ends_at is None or self.ends_at > at


class AlertGroup(Contract, frozen=True, kw_only=True):
    """All alerts that are one call; people acknowledge the group.

    ``identity`` is its way and labels, ``key`` that of one opening. The ``chain`` is frozen when it
    opens; ``level`` says how far it was climbed, ``climbs_at`` when the next one is called.
    ``ticks_at`` is when it is looked at next; ``told_at`` when it was last told, ``tellings`` how
    often. ``ended`` is what was then said to have ended, ``known`` what was said to fire and has
    left since without a word. ``reached`` are the channels that know of it. ``held``: it was due
    while all were held; ``flushed``: it was looked at, told or not.
    ``mark`` sets an exercise apart: a drill, whose id is ``drill``, or a rehearsal, of which only
    the channel that it names hears.
    """

    key: str
    identity: str
    way: str
    kind: AlertKind
    brand: str
    team: str
    called: str
    partition: int
    channel: str
    pace: Pace
    chain: tuple[Rung, ...]
    opened_at: Instant
    ticks_at: Instant
    about: About
    state: AlertState = AlertState.raised
    severity: PriorityBand = PriorityBand.low
    need: str = ""
    count: int = 0
    tellings: int = 0
    told_at: Instant | None = None
    ended: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    level: int = 0
    climbs_at: Instant | None = None
    reached: tuple[str, ...] = ()
    acknowledged_by: str | None = None
    acknowledged_at: Instant | None = None
    closed_at: Instant | None = None
    held: bool = False
    flushed: bool = False
    mark: str = ""
    drill: str | None = None
    rehearsal: str = ""
    useless_by: str | None = None

    @property
    def exercise(self) -> bool:
        """Is it nobody's emergency?"""
        return bool(self.mark)

    @property
    def due_at(self) -> datetime:
        """When it is to be looked at."""
        return min(self.ticks_at, self.climbs_at or self.ticks_at)


def graver(one: PriorityBand, other: PriorityBand) -> PriorityBand:
    """The graver of two bands."""
    return max(one, other, key=gravity)


def gravity(band: PriorityBand) -> int:
    """How grave a band is; a word from the future is not grave."""
    return _BANDS.index(band) if band in _BANDS else 0


def first_fired(group: AlertGroup, intent: AlertIntent) -> Member:
    """The alert of a first intent; one that is known to fire is no news."""
    known = intent.base in group.known
    return Member(
        group_key=group.key,
        mark=group.mark,
        base=intent.base,
        labels=intent.labels,
        kind=intent.kind,
        severity=intent.severity,
        need=intent.need,
        about=intent.about,
        starts_at=intent.at,
        ends_at=intent.at + intent.holds if intent.holds else None,
        ticket=intent.ticket_id if intent.one_case else "",
        tickets=(intent.ticket_id,) if intent.ticket_id else (),
        count=intent.count,
        link=intent.link,
        announced=intent.count if known else 0,
        told=AlertState.raised if known else None,
        traces=intent.traces,
    )

"""What became true of a promise, and when?"""

from schemas.event import Event, Instant
from schemas.states import ClockName, PriorityBand, SlaState


class SlaChanged(Event, frozen=True, kw_only=True, tag_field="type", tag=True):
    """A clock crossed a threshold or stopped; ``occurred_at`` is when it became true.

    ``target`` and ``elapsed`` are working seconds (wall seconds for a promise that named a date);
    the two waits are wall seconds: the customer's since posting, the team's since arrival.
    """

    ticket_id: str
    ticket_version: int
    brand: str
    clock: ClockName
    cycle: int
    state: SlaState
    threshold: float | None = None
    target: int
    elapsed: float
    waited_since_posted: float
    waited_since_received: float | None = None
    due_at: Instant | None = None
    team: str
    priority_band: PriorityBand
    blind: bool = False
    discovered_late: bool = False
    corrects: str | None = None

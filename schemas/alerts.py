"""Who is called, about what, and has anybody said "mine"?"""

from schemas.event import Event
from schemas.states import AlertKind, AlertState, PriorityBand


class AlertChanged(Event, frozen=True, kw_only=True, tag_field="type", tag=True):
    """An alert group changed; subscribers are told, it is no work queue.

    ``exercise``: a rehearsal or a drill, which is nobody's emergency.
    """

    group_key: str
    state: AlertState
    kind: AlertKind
    severity: PriorityBand
    brand: str
    team: str
    ticket_ids: tuple[str, ...]
    count: int
    need: str
    link: str | None = None
    acknowledged_by: str | None = None
    level: int = 0
    exercise: bool = False

"""What does a decision leave for whoever calls people? Alerts, and what becomes of their cases."""

from collections.abc import Mapping
from datetime import timedelta

import msgspec

from schemas.event import Contract, Instant
from schemas.states import AlertKind, PriorityBand
from services.route.domain.message import About


class AlertIntent(Contract, frozen=True, kw_only=True, tag_field="type", tag="alert"):
    """Somebody must be called: inserted with the decision, taken into a group later.

    The same ``base`` is the same alert. ``ticket_id`` names the case that it came from; where
    ``one_case``, the alert is of that case alone and ends with it. One that ``holds`` ends so long
    after ``at``; one that ``fades_after`` ends when nothing was added for so long, as it was heard.
    ``called`` is the team that is called where it is another
    than the case's. ``late``: it came too late to page anybody. ``drill`` names the drill whose
    made-up case it is about. ``need`` may have a ``{count}``. ``traces`` are W3C names of the
    recorded spans that it came from.
    """

    id: str
    base: str
    kind: AlertKind
    severity: PriorityBand
    brand: str
    team: str
    ticket_id: str
    count: int
    need: str
    link: str | None
    at: Instant
    partition: int
    about: About
    labels: Mapping[str, str] = {}
    one_case: bool = False
    holds: timedelta | None = None
    fades_after: timedelta | None = None
    late: bool = False
    called: str = ""
    drill: str | None = None
    traces: tuple[str, ...] = ()


class CaseNews(Contract, frozen=True, kw_only=True, tag_field="type", tag="news"):
    """A case that somebody may have been called for: it needs nobody any more, or it is taken.

    ``base`` is the one alert that this is about, where it is not about all of the case's; late
    promises of the clocks that it ``spares`` go on.
    """

    id: str
    ticket_id: str
    at: Instant
    over: bool
    base: str = ""
    spares: tuple[str, ...] = ()


class CanaryCall(Contract, frozen=True, kw_only=True, tag_field="type", tag="canary"):
    """The canary is to be told on the channel that calls nobody."""

    id: str
    ticket_id: str
    at: Instant


Intent = AlertIntent | CaseNews
"""What groups of alerts are made of."""
Left = Intent | CanaryCall
"""All that decisions leave."""

_DECODER: msgspec.json.Decoder[AlertIntent | CaseNews | CanaryCall] = msgspec.json.Decoder(Left)


def decode_intent(body: bytes) -> Left:
    """An intent as it is stored."""
    return _DECODER.decode(body)

"""What did promises that ran late set off? Counted from the topics of the run."""

from collections import Counter
from collections.abc import Iterator

from deploy.demo.record import Record
from schemas.alerts import AlertChanged
from schemas.decisions import Decision
from schemas.sla import SlaChanged
from schemas.states import AlertKind, AlertState, Change, SlaState
from schemas.tickets import TicketEvent

_WORDS = {
    SlaState.at_risk: "nearly used up",
    SlaState.breached: "broken",
    SlaState.corrected: "taken back",
}


def lateness(record: Record, tags: dict[str, str]) -> Iterator[str]:
    """What was announced, which cases it lifted up their team's ladder, who was called."""
    states = Counter(sla.state for sla in record.of(SlaChanged))
    told = ", ".join(f"{states[state]} x {words}" for state, words in _WORDS.items())
    yield f"   sla.v1      {told}"
    lifted = [one for one in record.of(TicketEvent) if one.change is Change.escalated]
    steps = Counter(one.ticket.escalations[-1].to for one in lifted)
    cases = len({one.ticket.id for one in lifted})
    to = ", ".join(f"{count} to {who}" for who, count in steps.most_common())
    yield f"   tickets.v1  {cases} cases lifted by {len(lifted)} steps: {to or 'none'}"
    yield f"   alerts.v1   {_calls(record, tags)}"


def _calls(record: Record, tags: dict[str, str]) -> str:
    calls = [
        alert
        for alert in record.of(AlertChanged)
        if alert.kind is AlertKind.sla and alert.state is AlertState.raised
    ]
    outage = {s.decision.ticket_id for s in record.stories() if _is_outage(s.decision, tags)}
    of_it = sum(bool(outage & set(alert.ticket_ids)) for alert in calls)
    return (
        f"{len(calls)} calls, one a topic and step, one a critical case; {of_it} about the outage"
    )


def _is_outage(decision: Decision, tags: dict[str, str]) -> bool:
    return tags.get(decision.post_id) == "outage"

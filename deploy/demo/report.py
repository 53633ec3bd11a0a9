"""What does the demo tell of single posts? Five scenes, and a table."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from deploy.demo.record import Record, Story
from schemas.alerts import AlertChanged
from schemas.states import AlertKind, AlertState, Change, ClockName, MomentKind, SlaState
from schemas.tickets import Ticket, TicketEvent

ROWS = 12
_ZONE = ZoneInfo("Europe/Sofia")
_SCENES = (
    ("rude", "RUDE BUT FAIR, beside an insult without a claim"),
    ("outage", "AN OUTAGE: 30 posts, one alert"),
    ("stolen", "A STOLEN CARD at 02:08"),
    ("closing", "A PUBLIC CLOSING that is still missing"),
    ("bot", "A BOT'S REPLY stops no clock"),
)


def scenes(record: Record, tags: dict[str, str], rang: dict[str, float]) -> Iterator[str]:
    """Each scene as a short block; ``rang``: real seconds from a case's post to the phone."""
    stories = record.stories()
    for number, (tag, title) in enumerate(_SCENES, 1):
        chosen = [s for s in stories if tags.get(s.decision.post_id) == tag]
        if chosen:
            yield f"\n{number}. {title}"
            yield from _outage(record, chosen) if tag == "outage" else _scene(record, chosen)
            yield from _phone(chosen, rang)


def _scene(record: Record, stories: Sequence[Story]) -> Iterator[str]:
    for story in stories:
        post, decision = story.classified.post, story.decision
        yield f"   {_clock(post.occurred_at)} {post.brand:<10} “{_short(post.text, 78)}”"
        yield f"         → {decision.disposition}{_owned(story)}, rule {decision.rule_id}"
        yield f"           {decision.reasons[0]}"
        yield from _alarms(story.alerts)
        yield from _moments(record, story)


def _owned(story: Story) -> str:
    team, owner = story.decision.team, story.ticket.owner if story.ticket else None
    alone = story.decision.inputs.on_duty.get(team or "") == (owner,)
    told = f"{owner} (alone on duty)" if alone else owner
    return f", team {team}, owner {told}" if team else ""


def _phone(stories: Sequence[Story], rang: dict[str, float]) -> Iterator[str]:
    waits = [rang[s.decision.ticket_id or ""] for s in stories if s.decision.ticket_id in rang]
    if waits:
        yield f"         the phone rang {waits[0]:.1f} real seconds after the post was accepted"


def _moments(record: Record, story: Story) -> Iterator[str]:
    if story.ticket is None:
        return
    for event in record.of(TicketEvent):
        if event.ticket.id == story.ticket.id and event.change != "opened":
            when = "  now" if event.by else _clock(event.occurred_at)
            who = f" by {event.by}" if event.by else ""
            yield f"         {when} {event.change}{who}{_step(event)}"
    for sla in story.clocks:
        took = f"{sla.elapsed / 60:.0f} of {sla.target / 60:.0f} min"
        yield f"         {_clock(sla.occurred_at)} {sla.clock}: {sla.state} ({took})"
    yield from _still_open(story)


def _step(event: TicketEvent) -> str:
    if event.change is not Change.escalated:
        return ""
    step = event.ticket.escalations[-1]
    return f" to {step.to}: {step.clock} has used up {step.threshold:.0%}"


def _still_open(story: Story) -> Iterator[str]:
    ticket = story.ticket
    kinds = {moment.kind for moment in ticket.moments} if ticket else set()
    play = ticket.play if ticket else None
    if play and MomentKind.acknowledged in kinds and MomentKind.closing_noted not in kinds:
        yield "         still open: nobody has told the public how it ended"
    if MomentKind.bot_answered in kinds and len(kinds) == 2:
        yield "         the bot answered at once, the clock for a person's answer runs on"


def _alarms(alerts: Iterable[AlertChanged]) -> Iterator[str]:
    for alert in alerts:
        if alert.kind is AlertKind.sla:
            continue
        mine = alert.state is AlertState.acknowledged
        when = "  now" if mine else _clock(alert.occurred_at)
        who = f" by {alert.acknowledged_by}" if mine else ""
        yield f"         {when} ALERT {alert.state}{who}: {alert.need}"


def _outage(record: Record, stories: Sequence[Story]) -> Iterator[str]:
    for story in (*stories[:2], stories[-1]):
        post = story.classified.post
        yield f"   {_clock(post.occurred_at)} {post.brand:<10} “{_short(post.text, 78)}”"
    cases = {s.decision.ticket_id for s in stories if s.decision.ticket_id}
    yield f"         → {len(stories)} posts, {len(cases)} cases, each with its own clock"
    groups = [a for a in record.of(AlertChanged) if a.kind == "hot_topic"]
    yield from _alarms(groups)
    raised = sum(a.state is AlertState.raised for a in groups)
    yield f"         alerts raised for it: {raised}"
    tickets = {s.ticket.id: s.ticket for s in stories if s.ticket}.values()
    stopped = sum(_spoken_to(ticket) for ticket in tickets)
    yield f"         one customer was answered by name: {stopped} clock stopped, the others run on"


def table(record: Record, tags: dict[str, str]) -> Iterator[str]:
    """At most twelve rows: one post each, with the first answer that it got in time or not."""
    chosen = _chosen(record.stories(), tags)
    head = ("post", "tone", "urg", "disposition", "rule", "team", "alert", "due", "first answer")
    rows = [head, *(_row(story) for story in chosen)]
    widths = [max(len(row[n]) for row in rows) for n in range(len(head))]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _chosen(stories: Sequence[Story], tags: dict[str, str]) -> list[Story]:
    by_rule: dict[str, list[Story]] = {}
    for story in stories:
        if tags.get(story.decision.post_id) != "outage":
            by_rule.setdefault(story.decision.rule_id, []).append(story)
    first = [found[0] for found in by_rule.values()]
    rest = [story for found in by_rule.values() for story in found[1:]]
    chosen = (first + rest)[:ROWS]
    return sorted(chosen, key=lambda s: (s.decision.occurred_at, s.decision.post_id))


def _row(story: Story) -> tuple[str, ...]:
    judged, decision = story.classified.classification, story.decision
    first = [sla for sla in story.clocks if sla.clock is ClockName.first_response]
    due = next((_clock(sla.due_at) for sla in first if sla.due_at), "-")
    return (
        f"{_short(story.classified.post.text, 22)}",
        judged.tone if judged else "-",
        str(judged.urgency) if judged else "-",
        decision.disposition,
        decision.rule_id,
        decision.team or "-",
        decision.alert,
        due,
        first_answer(story),
    )


def first_answer(story: Story) -> str:
    """How the first answer to a post fared, by the clock of its case."""
    if story.ticket is None:
        return "none needed"
    states = {s.state for s in story.clocks if s.clock is ClockName.first_response}
    if SlaState.breached in states:
        return "late" if SlaState.met in states or _spoken_to(story.ticket) else "overdue"
    return "in time" if SlaState.met in states else "not due yet"


def _spoken_to(ticket: Ticket) -> bool:
    stops = {
        MomentKind.acknowledged,
        MomentKind.answered_publicly,
        MomentKind.answered_privately,
        MomentKind.closing_noted,
    }
    return any(moment.kind in stops for moment in ticket.moments)


def _clock(at: datetime) -> str:
    return f"{at.astimezone(_ZONE):%H:%M}"


def _short(text: str, width: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= width else line[: width - 1] + "…"

"""What does a person read who is called? One line that says how urgent, where, what, until when.

Plain text; each channel escapes it for itself. No word of a post is in it, and no customer's name.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from schemas.alerts import AlertChanged
from schemas.event import Contract, Instant
from schemas.states import AlertState, PriorityBand
from schemas.vocabulary import Visibility
from services.route.domain.phones import Reach, short_of

HAD = frozenset({AlertState.acknowledged, AlertState.resolved})
"""Where an alert stands that nobody has to take any more."""

_HOURS_FROM = timedelta(hours=2)
_SOURCES = {
    "vk": "VK",
    "telegram": "Telegram",
    "facebook": "Facebook",
    "instagram": "Instagram",
    "x": "X",
    "appstore": "App Store",
    "gplay": "Google Play",
    "viber": "Viber",
    "ok": "OK",
    "youtube": "YouTube",
}
"""How people call a platform; any other is called as its source is."""


class About(Contract, frozen=True, kw_only=True):
    """What is to be known of an alert beside its topic; ``due_at`` is when an answer is due."""

    lang: str
    team: str
    source: str = ""
    visibility: Visibility = Visibility.public
    repeat: bool = False
    due_at: Instant | None = None
    timezone: str = "UTC"
    owner: str | None = None


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The words of a message in one language; ``{}`` are filled."""

    urgency: Mapping[PriorityBand, str]
    visibility: Mapping[Visibility, str]
    repeat: str
    reply_by: str
    overdue: str
    minutes: str
    hours: str
    has: str
    over: str
    mine: str
    who: str
    gone: str
    exercise: str


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """What one person is told, in plain text; ``who`` has it already, where somebody does."""

    text: str
    state: AlertState
    severity: PriorityBand
    link: str | None = None
    who: str | None = None
    mine: "Mine | None" = None


class Mine(msgspec.Struct, frozen=True, kw_only=True):
    """How somebody says "mine" from the phone: a button's label, its token, or a signed link.

    ``token`` is what a press brings back, at most 64 bytes, and ``hook`` where to; without it the
    provider has no way to us, and the label leads to the page at ``url``.
    """

    label: str
    token: str | None = None
    url: str | None = None
    hook: str | None = None


class Sending(msgspec.Struct, frozen=True, kw_only=True):
    """One alert as it is handed to a channel, under an id that is the same at every attempt.

    ``earlier`` is what the channel gave for its first message about the group, where it gave one;
    ``at`` is real time.
    """

    id: str
    alert: AlertChanged
    message: Message
    at: datetime
    earlier: str | None = None


def message_of(
    alert: AlertChanged,
    about: About,
    words: Mapping[str, Words],
    now: datetime,
    reach: Reach | None = None,
) -> Message:
    """The message as of now: the minutes that are left are those of the moment it is sent."""
    said = words[about.lang]
    head = [said.exercise] if alert.exercise else []
    head += [said.urgency[alert.severity], about.team]
    if about.source:
        where = _SOURCES.get(about.source, about.source)
        head.append(f"{where}, {said.visibility[about.visibility]}")
    need = f"{alert.need}, {said.repeat}" if about.repeat else alert.need
    sentences = [" · ".join(head), need, *_ending(alert, about, said, now)]
    return Message(
        text=" ".join(f"{sentence.rstrip('.')}." for sentence in sentences),
        state=alert.state,
        severity=alert.severity,
        link=alert.link,
        who=alert.acknowledged_by,
        mine=_mine(alert, said, reach) if reach else None,
    )


def _mine(alert: AlertChanged, said: Words, reach: Reach) -> Mine | None:
    """What nobody has yet can be taken, where there is a way."""
    if alert.acknowledged_by or alert.state in HAD:
        return None
    short = short_of(alert.group_key)
    token, url = reach.button(short), reach.link(short)
    if token is None and url is None:
        return None
    return Mine(label=said.mine, token=token, url=url, hook=reach.hook)


def _ending(alert: AlertChanged, about: About, said: Words, now: datetime) -> tuple[str, ...]:
    if alert.state is AlertState.resolved:
        return (said.over,)
    who = alert.acknowledged_by or about.owner
    has = (said.has.format(who=who),) if who else ()
    return (*_deadline(about, said, now), *has)


def _deadline(about: About, said: Words, now: datetime) -> tuple[str, ...]:
    if about.due_at is None:
        return ()
    left = about.due_at - now
    if left < timedelta(0):
        return (said.overdue.format(left=_span(-left, said)),)
    zone = ZoneInfo(about.timezone)
    due, today = about.due_at.astimezone(zone), now.astimezone(zone).date()
    time = f"{due:%H:%M}" if due.date() == today else f"{due:%d.%m %H:%M}"
    return (said.reply_by.format(time=time, left=_span(left, said)),)


def _span(left: timedelta, said: Words) -> str:
    if left < _HOURS_FROM:
        return said.minutes.format(count=left // timedelta(minutes=1))
    return said.hours.format(count=left // timedelta(hours=1))

"""How did a drill go? By alert: who heard of it how soon, who took it, and what nobody took."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

import msgspec

from schemas.event import Contract, Instant
from schemas.states import AlertState
from services.route.domain.alerting import AlertGroup, Member, Notice


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One message to one channel; ``accepted_at`` None: not yet, or let go as moot."""

    channel: str
    notice: Notice
    attempts: int
    accepted_at: Instant | None = None


class Heard(Contract, frozen=True, kw_only=True):
    """What a channel was told, and how many seconds after the post it had it; null: never."""

    channel: str
    state: AlertState
    level: int
    people: tuple[str, ...]
    attempts: int
    seconds: float | None


class DrilledAlert(Contract, frozen=True, kw_only=True):
    """One call of a drill; seconds count from the receipt of its first post."""

    group_key: str
    brand: str
    team: str
    need: str
    count: int
    received_at: Instant
    level: int
    heard: tuple[Heard, ...]
    acknowledged_by: str | None
    acknowledged_seconds: float | None
    ended_at: Instant | None


class DrillReport(Contract, frozen=True, kw_only=True):
    """A drill; ``never`` are channels that took nothing, ``untaken`` calls that nobody took."""

    drill: str
    alerts: tuple[DrilledAlert, ...]
    escalated: tuple[str, ...]
    untaken: tuple[str, ...]
    never: tuple[str, ...]


def report(
    drill: str,
    groups: Iterable[AlertGroup],
    members: Mapping[str, Sequence[Member]],
    rows: Mapping[str, Sequence[Row]],
) -> DrillReport:
    """The report, in the order in which the calls came."""
    alerts = sorted(
        (_alert(one, members.get(one.key, ()), rows.get(one.key, ())) for one in groups),
        key=lambda one: (one.received_at, one.group_key),
    )
    heard = [one for alert in alerts for one in alert.heard]
    took = {one.channel for one in heard if one.seconds is not None}
    return DrillReport(
        drill=drill,
        alerts=tuple(alerts),
        escalated=tuple(one.group_key for one in alerts if one.level),
        untaken=tuple(one.group_key for one in alerts if one.acknowledged_by is None),
        never=tuple(sorted({one.channel for one in heard} - took)),
    )


def _alert(group: AlertGroup, members: Sequence[Member], rows: Sequence[Row]) -> DrilledAlert:
    received = min((one.starts_at for one in members), default=group.opened_at)
    return DrilledAlert(
        group_key=group.key,
        brand=group.brand,
        team=group.team,
        need=group.need,
        count=group.count,
        received_at=received,
        level=group.level,
        heard=tuple(_heard(row, received) for row in sorted(rows, key=_order)),
        acknowledged_by=group.acknowledged_by,
        acknowledged_seconds=_since(received, group.acknowledged_at),
        ended_at=group.closed_at,
    )


def _order(row: Row) -> tuple[datetime, str]:
    return row.notice.alert.occurred_at, row.channel


def _heard(row: Row, received: datetime) -> Heard:
    alert = row.notice.alert
    return Heard(
        channel=row.channel,
        state=alert.state,
        level=alert.level,
        people=row.notice.people,
        attempts=row.attempts,
        seconds=_since(received, row.accepted_at),
    )


def _since(start: datetime, at: datetime | None) -> float | None:
    return round((at - start).total_seconds(), 3) if at else None


class _Words(msgspec.Struct, frozen=True):
    received: str
    heard: str
    never: str
    took: str
    untaken: str
    escalated: str
    silent: str
    none: str
    states: Mapping[AlertState, str]


WORDS: Mapping[str, _Words] = {
    "en": _Words(
        received="post received {at}",
        heard="{channel}: {state}, {seconds} s after the post ({people})",
        never="{channel}: {state}, never taken, {attempts} attempts",
        took="taken by {who} after {seconds} s",
        untaken="nobody took it",
        escalated="escalated, level {level}",
        silent="Channels that took nothing: {channels}",
        none="No call of such a drill.",
        states={
            AlertState.raised: "raised",
            AlertState.updated: "updated",
            AlertState.repeated: "repeated",
            AlertState.escalated: "escalated",
            AlertState.acknowledged: "somebody has it",
            AlertState.resolved: "over",
        },
    ),
    "ru": _Words(
        received="пост получен {at}",
        heard="{channel}: {state}, через {seconds} с после поста ({people})",
        never="{channel}: {state}, так и не принято, попыток {attempts}",
        took="взято: {who}, через {seconds} с",
        untaken="никто не взял",
        escalated="дошло до ступени {level}",
        silent="Каналы, которые ничего не приняли: {channels}",
        none="Вызовов такого учения нет.",
        states={
            AlertState.raised: "вызов",
            AlertState.updated: "дополнено",
            AlertState.repeated: "повтор",
            AlertState.escalated: "вызван следующий",
            AlertState.acknowledged: "кто-то взял",
            AlertState.resolved: "закрыто",
        },
    ),
    "bg": _Words(
        received="публикацията е получена {at}",
        heard="{channel}: {state}, {seconds} с след публикацията ({people})",
        never="{channel}: {state}, така и не е прието, опити {attempts}",
        took="поето: {who}, след {seconds} с",
        untaken="никой не го пое",
        escalated="стигна до стъпка {level}",
        silent="Канали, които не приеха нищо: {channels}",
        none="Няма повиквания от такова учение.",
        states={
            AlertState.raised: "повикване",
            AlertState.updated: "допълнено",
            AlertState.repeated: "повторено",
            AlertState.escalated: "повикан е следващият",
            AlertState.acknowledged: "някой го пое",
            AlertState.resolved: "приключено",
        },
    ),
}


def shown(found: DrillReport, lang: str) -> Iterator[str]:
    """The report for a person."""
    words = WORDS[lang]
    if not found.alerts:
        yield words.none
    for alert in found.alerts:
        at = words.received.format(at=f"{alert.received_at:%Y-%m-%d %H:%M:%S} UTC")
        yield f"{alert.brand} · {alert.team} · {alert.need}: {at}"
        yield from (f"  {_line(one, words)}" for one in alert.heard)
        if alert.level:
            yield f"  {words.escalated.format(level=alert.level)}"
        who, seconds = alert.acknowledged_by, alert.acknowledged_seconds
        yield f"  {words.took.format(who=who, seconds=seconds) if who else words.untaken}"
    if found.never:
        yield words.silent.format(channels=", ".join(found.never))


def _line(one: Heard, words: _Words) -> str:
    said = {
        "channel": one.channel,
        "state": words.states.get(one.state, one.state.value),
        "seconds": one.seconds,
        "people": ", ".join(one.people) or "-",
        "attempts": one.attempts,
    }
    return (words.never if one.seconds is None else words.heard).format(**said)

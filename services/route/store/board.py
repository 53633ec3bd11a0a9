"""How is the board of one turn looked up and written? Groups and alerts, by what a turn touches."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import BigInteger, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.route.domain.alerting import AlertGroup, Member
from services.route.domain.board import Around, Board
from services.route.domain.grouping import identity_of, is_late, mark_of, summary_of, ways_of
from services.route.domain.intents import AlertIntent, CaseNews, Intent
from services.route.domain.phones import short_of
from services.route.domain.ways import Inhibited, Inhibition, Labels
from services.route.store.tables import ALERTS, GROUPS
from stream.database import micros
from stream.statements import among, upsert

AT_ONCE = 50
"""How many due groups one turn looks at."""

_OPEN = GROUPS.c.closed_at.is_(None)
_BY_IDENTITY = select(GROUPS.c.body).where(_OPEN, among(GROUPS.c.identity, "identities"))
_BY_KEY = select(GROUPS.c.body).where(_OPEN, among(GROUPS.c.key, "keys"))
_DUE = (
    select(GROUPS.c.body)
    .where(_OPEN, GROUPS.c.due_at <= bindparam("now", type_=BigInteger))
    .order_by(GROUPS.c.due_at, GROUPS.c.key)
    .limit(AT_ONCE)
)
_EVER_OF = select(ALERTS.c.body).where(among(ALERTS.c.group_key, "keys"))
_IN_GROUP = ALERTS.c.left_at.is_(None)
_ALL_OF = select(ALERTS.c.body).where(_IN_GROUP, among(ALERTS.c.group_key, "keys"))
_SOME_OF = _ALL_OF.where(among(ALERTS.c.base, "bases"))
_OF_CASES = select(ALERTS.c.body).where(_IN_GROUP, among(ALERTS.c.ticket, "tickets"))
_BY_BASE = select(ALERTS.c.body).where(_IN_GROUP, among(ALERTS.c.base, "bases"))
_FIRING = select(ALERTS.c.body).where(_IN_GROUP)
_FIRING_KINDS = _FIRING.where(among(ALERTS.c.kind, "kinds"))
_LEFT = update(ALERTS).where(among(ALERTS.c.id, "ids"))


async def board_for(
    connection: AsyncConnection, intents: Sequence[Intent], around: Around
) -> Board:
    """The groups and alerts that these intents touch; the groups' rows are locked in key order."""
    board = Board()
    alerts = [one for one in intents if isinstance(one, AlertIntent)]
    asked = {"identities": set(_identities(alerts, around))}
    await _groups(connection, board, _BY_IDENTITY, asked)
    keys = {group.key for group in board.groups.values()}
    await _members(connection, board, _SOME_OF, {"keys": keys, "bases": {a.base for a in alerts}})
    news = [one for one in intents if isinstance(one, CaseNews)]
    cases = {one.ticket_id for one in news if one.ticket_id}
    await _members(connection, board, _OF_CASES, {"tickets": cases})
    bases = {one.base for one in news if not one.ticket_id}
    await _members(connection, board, _BY_BASE, {"bases": bases})
    await _groups(connection, board, _BY_KEY, {"keys": set(board.members) - keys})
    return board


async def due(connection: AsyncConnection, board: Board, around: Around) -> Sequence[AlertGroup]:
    """The groups that are to be looked at now, with all their alerts on the board."""
    now = around.now
    await _groups(connection, board, _DUE, {"now": micros(now)})
    found = [group for group in board.groups.values() if group.due_at <= now]
    found = sorted(found, key=lambda group: (group.due_at, group.key))[:AT_ONCE]
    ended = {one.group_key for one in board.changed_members.values() if not one.fires(now)}
    board.whole |= {group.key for group in found} | ended
    await _members(connection, board, _ALL_OF, {"keys": board.whole})
    for member in board.changed_members.values():
        board.members[member.group_key][member.base] = member
    drills = {(group.team, group.drill) for group in found if group.told_at is None}
    untold = {(team, mark_of(drill, around.policy)) for team, drill in drills}
    ways = list(around.policy.alerting.root.all()) if untold else []
    summaries = {summary_of(way, *of) for way in ways for of in untold}
    await _groups(connection, board, _BY_IDENTITY, {"identities": summaries})
    return found


async def inhibited(
    connection: AsyncConnection, board: Board, around: Around
) -> Mapping[str, Sequence[Inhibited]]:
    """What is quiet while others fire, by their mark: no exercise keeps what is real quiet.

    They are those of the store, as this turn has changed them.
    """
    rules = around.policy.alerting.inhibitions
    if not rules:
        return {}
    kinds = _kinds(rules)
    query, asked = (_FIRING_KINDS, {"kinds": kinds}) if kinds else (_FIRING, {})
    bodies = (await connection.execute(query, asked)).scalars()
    found = {one.id: one for one in map(decode_member, bodies)} | board.changed_members
    firing: dict[str, list[Labels]] = {}
    for one in found.values():
        if one.id not in board.dropped and one.fires(around.now):
            firing.setdefault(one.mark, []).append(one.labels)
    return {mark: [rule.while_firing(those) for rule in rules] for mark, those in firing.items()}


async def members_ever(connection: AsyncConnection, keys: Collection[str]) -> Sequence[Member]:
    """The alerts of these groups, those that left them as well."""
    bodies = (await connection.execute(_EVER_OF, {"keys": keys})).scalars()
    return [decode_member(body) for body in bodies]


async def write_board(connection: AsyncConnection, board: Board, around: Around) -> None:
    """Write what a turn has changed."""
    changed = board.changed_groups.values()
    await upsert(connection, GROUPS, [_group_row(group) for group in changed if group.closed_at])
    await upsert(
        connection, GROUPS, [_group_row(group) for group in changed if not group.closed_at]
    )
    left_at = micros(around.now)
    rows = [
        _member_row(member, left_at if member.id in board.dropped else None)
        for member in board.changed_members.values()
    ]
    await upsert(connection, ALERTS, rows)
    left = board.dropped - set(board.changed_members)
    if left:
        await connection.execute(_LEFT, {"ids": left, "left_at": left_at})


async def keep_group(connection: AsyncConnection, group: AlertGroup) -> None:
    """Write a group alone; one that is closed has no alert that fires."""
    await upsert(connection, GROUPS, [_group_row(group)])
    if group.closed_at:
        ended = update(ALERTS).where(ALERTS.c.group_key == group.key, _IN_GROUP)
        await connection.execute(ended.values(left_at=micros(group.closed_at)))


def decode_group(body: bytes) -> AlertGroup:
    """A group as it is stored."""
    return msgspec.json.decode(body, type=AlertGroup)


def decode_member(body: bytes) -> Member:
    """An alert of a group as it is stored."""
    return msgspec.json.decode(body, type=Member)


def _identities(alerts: Iterable[AlertIntent], around: Around) -> Iterable[str]:
    for one in alerts:
        late = is_late(one, around.late_after, around.now)
        for way in ways_of(one, around.policy, late=late):
            yield identity_of(way, one, mark_of(one.drill, around.policy), late=late)


async def _groups(
    connection: AsyncConnection, board: Board, query: Any, asked: dict[str, Any]
) -> None:
    if not all(asked.values()):
        return
    locked = query.order_by(GROUPS.c.key) if query is not _DUE else query
    for body in (await connection.execute(locked.with_for_update(), asked)).scalars():
        group = decode_group(body)
        board.groups.setdefault(group.identity, group)


async def _members(
    connection: AsyncConnection, board: Board, query: Any, asked: dict[str, Collection[str]]
) -> None:
    if not all(asked.values()):
        return
    for member in map(decode_member, (await connection.execute(query, asked)).scalars()):
        if member.id not in board.dropped:
            board.members.setdefault(member.group_key, {})[member.base] = member


def _kinds(rules: Iterable[Inhibition]) -> set[str]:
    """The kinds of all sources; none where a rule takes any."""
    found: set[str] = set()
    for rule in rules:
        named = [m.values for m in rule.source if m.label == "kind" and not m.negated]
        if not named:
            return set()
        found.update(*named)
    return found


def _group_row(group: AlertGroup) -> dict[str, Any]:
    return {
        "key": group.key,
        "identity": group.identity,
        "short": short_of(group.key),
        "opened_at": micros(group.opened_at),
        "due_at": micros(group.due_at),
        "closed_at": micros(group.closed_at) if group.closed_at else None,
        "body": msgspec.json.encode(group),
    }


def _member_row(member: Member, left_at: int | None) -> dict[str, Any]:
    return {
        "id": member.id,
        "group_key": member.group_key,
        "base": member.base,
        "kind": member.kind.value,
        "ticket": member.ticket,
        "left_at": left_at,
        "body": msgspec.json.encode(member),
    }

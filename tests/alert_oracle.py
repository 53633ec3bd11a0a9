"""Alertmanager's algorithm once more, naively: second by second, from its docs and sources.

It reads an ``alerting:`` part as plain values and shares no code with route. What route means to do
otherwise (docs/decisions/0014) is a switch; all off is Alertmanager itself.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Any, NamedTuple

DAY = 86_400
UNITS = {"s": 1, "m": 60, "h": 3600, "d": DAY}
INHERITED = ("channel", "group_by", "group_wait", "group_interval", "repeat_interval")
Labels = Mapping[str, str]
Sent = tuple[int, str, tuple[str, ...], tuple[str, ...]]
"""When, on which channel, which alerts fire, which are said to have ended."""


class Switches(NamedTuple):
    """Where route differs on purpose."""

    repeats_exactly: bool = True
    """An unchanged group is told when its repeat interval is over, not only after that."""
    owes_ends: bool = True
    """What ended while muted, and was known to fire, is told when it may be."""
    opens_anew: bool = True
    """A group without alerts is over at once; Alertmanager looks for such every 30 seconds."""
    brands_apart: bool = True
    """Alerts of two brands are never one group, whatever it is grouped by."""
    ends_hurry: bool = False
    """That an alert has ended brings forward a first look that is overdue for it."""


ROUTES = Switches()


@dataclass
class Alert:
    """As the store of alerts has it; it fires until ``ends``."""

    name: str
    labels: Labels
    starts: float
    ends: float = inf

    def merged(self, old: "Alert", now: float) -> "Alert":
        """What is kept of two of the same name: an overlap is one alert."""
        within = old.starts < self.ends < old.ends or old.starts < self.starts < old.ends
        if not within:
            return self
        ends = self.ends
        if self.ends <= now:
            ends = max(self.ends, old.ends) if old.ends <= now else self.ends
        elif self.ends < old.ends < inf:
            ends = old.ends
        return Alert(self.name, self.labels, min(self.starts, old.starts), ends)


@dataclass
class Entry:
    """What the log of notifications knows of a group."""

    firing: set[str]
    resolved: set[str]
    at: int


@dataclass
class Group:
    """The alerts that one route groups."""

    route: Mapping[str, Any]
    next: float
    alerts: dict[str, Alert] = field(default_factory=dict)
    flushed: bool = False


class Oracle:
    """One Alertmanager: its routes, alerts, silences, groups and log."""

    def __init__(
        self,
        alerting: Mapping[str, Any],
        hours: Mapping[str, tuple[int, int]],
        switches: Switches = ROUTES,
    ) -> None:
        self.root = _inherited(alerting, {"channel": "chat", "send_resolved": True}, "0")
        self.rules = alerting.get("inhibit", ())
        self.hours, self.switches = hours, switches
        self.alerts: dict[str, Alert] = {}
        self.silences: dict[int, Mapping[str, Any]] = {}
        self.groups: dict[tuple[str, ...], Group] = {}
        self.log: dict[tuple[str, ...], Entry] = {}

    def play(
        self, lines: Sequence[tuple[float, Mapping[str, Any]]], start: int, until: int
    ) -> Iterator[Sent]:
        """Every notification; ``start`` is the second of the day at which the timeline begins."""
        for now in range(until + 1):
            for _, line in (one for one in lines if one[0] == now):
                self._happens(line, now)
            for key, group in list(self.groups.items()):
                if group.next <= now:
                    yield from self._flush(key, group, now, start + now)
                    if not group.alerts and (self.switches.opens_anew or now % 30 == 0):
                        del self.groups[key]

    def _happens(self, line: Mapping[str, Any], now: int) -> None:
        if said := line.get("fires"):
            labels = {"brand": "brand", "kind": "case", **said["labels"]}
            alert = Alert(said["id"], labels, said.get("since", now), said.get("until", inf))
            self._put(alert, now, hurry=True)
        if (name := line.get("ends")) in self.alerts and self.alerts[name].ends > now:
            old = self.alerts[name]
            ended = Alert(name, old.labels, old.starts, now)
            self._put(ended, now, hurry=self.switches.ends_hurry)
        if said := line.get("silences"):
            self.silences[said["id"]] = {"since": now, **said}
        if line.get("unsilences"):
            self.silences.pop(line["unsilences"], None)

    def _put(self, alert: Alert, now: int, *, hurry: bool) -> None:
        old = self.alerts.get(alert.name)
        alert = self.alerts[alert.name] = alert.merged(old, now) if old else alert
        for route in _matching(self.root, alert.labels):
            by = [alert.labels.get(label, "") for label in route["group_by"]]
            apart = [alert.labels["brand"]] if self.switches.brands_apart else []
            key = (route["path"], *apart, *by)
            group = self.groups.setdefault(key, Group(route, now + route["group_wait"]))
            group.alerts[alert.name] = alert
            overdue = alert.starts + route["group_wait"] <= now
            if hurry and overdue and not group.flushed:
                group.next = now

    def _flush(self, key: tuple[str, ...], group: Group, now: int, clock: int) -> Iterator[Sent]:
        group.next, group.flushed = now + group.route["group_interval"], True
        muted = {name for name, one in group.alerts.items() if self._mutes(group, one, now, clock)}
        seen = [one for name, one in group.alerts.items() if name not in muted]
        firing = {one.name for one in seen if one.ends > now}
        resolved = {one.name for one in seen if one.ends <= now}
        entry = self.log.get(key)
        known = entry.firing if entry else set()
        owed = {n for n in muted & known if group.alerts[n].ends <= now and self.switches.owes_ends}
        if seen and self._is_news(entry, firing, resolved, group.route, now):
            told = resolved if group.route["send_resolved"] else set()
            if firing or told:
                yield now, group.route["channel"], tuple(sorted(firing)), tuple(sorted(told))
            self.log[key] = Entry(firing | owed, resolved, now)
        for name, one in list(group.alerts.items()):
            if one.ends <= now and name not in owed:
                del group.alerts[name]

    def _is_news(
        self,
        entry: Entry | None,
        firing: set[str],
        resolved: set[str],
        route: Mapping[str, Any],
        now: int,
    ) -> bool:
        if entry is None:
            return bool(firing)
        if not firing <= entry.firing:
            return True
        if not firing:
            return bool(entry.firing)
        if route["send_resolved"] and not resolved <= entry.resolved:
            return True
        over: int = entry.at + route["repeat_interval"]
        return over <= now if self.switches.repeats_exactly else over < now

    def _mutes(self, group: Group, alert: Alert, now: int, clock: int) -> bool:
        active, mute = group.route["active"], group.route["mute"]
        if active and not any(self._within(name, clock) for name in active):
            return True
        if any(self._within(name, clock) for name in mute):
            return True
        silenced = any(
            one["since"] <= now < one["until"] and _accepts(one["matches"], alert.labels)
            for one in self.silences.values()
        )
        return silenced or any(self._inhibits(rule, alert, now) for rule in self.rules)

    def _within(self, name: str, clock: int) -> bool:
        begins, ends = self.hours[name]
        return begins <= clock % DAY < ends

    def _inhibits(self, rule: Mapping[str, Any], target: Alert, now: int) -> bool:
        if not _accepts(rule["target"], target.labels):
            return False
        both = _accepts(rule["source"], target.labels)
        for source in self.alerts.values():
            if source.ends <= now or not _accepts(rule["source"], source.labels):
                continue
            if both and _accepts(rule["target"], source.labels):
                continue
            equal = rule.get("equal", ())
            if all(source.labels.get(n, "") == target.labels.get(n, "") for n in equal):
                return True
        return False


def _accepts(matches: Mapping[str, Any], labels: Labels) -> bool:
    for label, said in matches.items():
        negated = isinstance(said, Mapping)
        values = said["not"] if negated else said
        values = values if isinstance(values, list) else [values]
        if (labels.get(label, "") in values) == negated:
            return False
    return True


def _matching(route: Mapping[str, Any], labels: Labels) -> list[Mapping[str, Any]]:
    if not _accepts(route["when"], labels):
        return []
    found: list[Mapping[str, Any]] = []
    for child in route["routes"]:
        matched = _matching(child, labels)
        found += matched
        if matched and not child.get("continue", False):
            break
    return found or [route]


def _inherited(said: Mapping[str, Any], above: Mapping[str, Any], path: str) -> dict[str, Any]:
    """A route with what it leaves out, but for its hours; durations in seconds."""
    route = {"when": {}, "mute": (), "active": (), "routes": (), "path": path, **said}
    for key in (*INHERITED, "send_resolved"):
        value = said.get(key, above.get(key))
        is_span = isinstance(value, str) and key != "channel"
        route[key] = int(value[:-1]) * UNITS[value[-1]] if is_span else value
    route["path"] = path
    below = enumerate(route["routes"])
    route["routes"] = [_inherited(one, route, f"{path}.{n}") for n, one in below]
    return route

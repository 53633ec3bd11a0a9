"""What-if as one would write it in an afternoon: plain dicts, minute by minute, no code of ours."""

import json
from bisect import bisect_left
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import yaml

Plain = dict[str, Any]
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
UNITS = {"m": 1, "h": 60, "d": 1440}
FLOORS = {"low": 0, "normal": 25, "high": 50, "critical": 75}
CASES = {"answer_here", "public_ack_then_private", "thank", "human_review"}
START = datetime(2026, 3, 2, tzinfo=UTC)
HORIZON = 16 * 1440
LATE = "first seen too late to page anybody"


class NaivePolicy:
    """A policy file as PyYAML reads it."""

    def __init__(self, text: str) -> None:
        self.file: Plain = yaml.safe_load(text)
        self._open: dict[str, list[datetime]] = {}

    def is_open(self, calendar: str, at: datetime) -> bool:
        if calendar == "always":
            return True
        spec = self.file["calendars"][calendar]
        local = at.astimezone(ZoneInfo(spec["timezone"]))
        return any(
            _covers(hours, local, ago)
            for ago in (0, 1)
            for hours in self._hours(spec, local - timedelta(days=ago))
        )

    def _hours(self, spec: Plain, day: datetime) -> list[str]:
        override = spec.get("overrides", {}).get(day.date().isoformat())
        if override is not None:
            return [one.strip() for one in override.split(",") if one.strip()]
        name = DAYS[day.weekday()]
        for days, hours in spec["weekly"].items():
            first, _, last = days.partition("-")
            if DAYS.index(first) <= DAYS.index(name) <= DAYS.index(last or first):
                return [one.strip() for one in hours.split(",")]
        return []

    def due(self, calendar: str, at: datetime, target: str) -> str | None:
        if calendar not in self._open:
            instants = (START + timedelta(minutes=n) for n in range(HORIZON))
            self._open[calendar] = [at for at in instants if self.is_open(calendar, at)]
        minutes = self._open[calendar]
        last = bisect_left(minutes, at) + int(target[:-1]) * UNITS[target[-1]] - 1
        return _iso(minutes[last] + timedelta(minutes=1)) if last < len(minutes) else None

    def people(self, team: str, at: datetime) -> list[str]:
        found = []
        for duty in self.file["teams"][team]["duty"]:
            if self.is_open(duty["during"], at):
                people = duty["people"]
                if duty.get("rotate") == "weekly":
                    people = [people[at.isocalendar().week % len(people)]]
                found += people
        return found


def whatif(old: str, new: str, lines: list[str]) -> tuple[list[Plain], Plain]:
    """The rows of the posts that differ, and the totals."""
    before, after = NaivePolicy(old), NaivePolicy(new)
    rows, totals = [], _nothing()
    for line in lines:
        event = json.loads(line)
        if event["type"] != "Decision":
            continue
        a, b = _judge(event, before), _judge(event, after)
        changed: Plain = {k: [a[k], b[k]] for k in a if k[0] != "_" and k != "due" and a[k] != b[k]}
        clocks = [c for c in ("first_response", "resolution") if a["due"].get(c) != b["due"].get(c)]
        if clocks:
            changed["due"] = {c: [a["due"].get(c), b["due"].get(c)] for c in clocks}
        _count(totals, a, b, changed)
        if changed:
            rows.append({**{k: event[k] for k in ("post_id", "revision", "brand")}, **changed})
    return rows, _plain(totals)


def _judge(event: Plain, policy: NaivePolicy) -> Plain:
    facts = event["inputs"]
    at = datetime.fromisoformat(facts["at"])
    hot = facts["topic_count"] >= policy.file["hot_topics"]["minimum"]
    facts = {**facts, "hot": hot}
    rules = policy.file["rules"]
    n, rule = next((n, r) for n, r in enumerate(rules) if _active(r) and _holds(r, facts))
    then = rule["then"]
    floor = FLOORS[then.get("priority", "low")]
    total = facts["urgency"] + min(15, 5 * facts["earlier_contacts"]) + 15 * hot + _around(facts)
    priority = max(min(100, total), floor)
    band = [name for name, bound in FLOORS.items() if bound <= priority][-1]
    opens = then["disposition"] in CASES and not facts["own"] and facts["case_state"] == "none"
    alert = then.get("alert", "none")
    hushed = len(event["reasons"]) > 1 or facts["backfill"]
    people = policy.people(then["team"], at) if opens else []
    return {
        "rule": rule["id"],
        "disposition": then["disposition"],
        "team": then.get("team"),
        "owner": " or ".join(sorted(people)) or None,
        "priority": priority,
        "priority_band": band,
        "alert": "none" if hushed and alert == "now" else alert,
        "sla": then.get("sla"),
        "suggestion": then.get("suggestion"),
        "due": _promised(policy, then["sla"], at) if opens else {},
        "_opens": opens,
        "_watched": [
            (r["id"], r["then"]["disposition"] if m < n else None)
            for m, r in enumerate(rules)
            if not _active(r) and _holds(r, facts)
        ],
    }


def _around(facts: Plain) -> int:
    """What a spike and an angry thread add, where they are counted."""
    angry, posts = facts.get("thread_negative", 0), facts.get("thread_posts", 0)
    return 10 * bool(facts["spike"]) + 5 * bool(angry >= 5 and 2 * angry > posts)


def _promised(policy: NaivePolicy, sla: str, at: datetime) -> Plain:
    spec = policy.file["sla"][sla]
    return {
        clock: policy.due(spec.get("calendar", "always"), at, spec[clock])
        for clock in ("first_response", "resolution")
        if clock in spec
    }


def _active(rule: Plain) -> bool:
    return bool(rule.get("mode", "active") == "active")


def _holds(rule: Plain, facts: Plain) -> bool:
    return all(_accepts(facts[name], wanted) for name, wanted in rule.get("when", {}).items())


def _accepts(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, str) and wanted[0] in "<>":
        sign, bound = wanted.split()
        if value is None:
            return False
        return bool({">=": value >= int(bound), "<": value < int(bound)}[sign])
    options = wanted if isinstance(wanted, list) else [wanted]
    return any(one in options for one in value) if isinstance(value, list) else value in options


def _covers(hours: str, local: datetime, ago: int) -> bool:
    """Whether a shift that began so many days ago covers this local minute."""
    start, end = (int(wall[:2]) * 60 + int(wall[3:]) for wall in hours.split("-"))
    end += 1440 if end <= start else 0
    return start <= local.hour * 60 + local.minute + 1440 * ago < end


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _nothing() -> Plain:
    return {
        "posts": 0,
        "changed": 0,
        "fields": Counter(),
        "dispositions": Counter(),
        "alerts": {},
        "tickets_opened": [0, 0],
        "teams": {},
        "monitored": {"old": {}, "new": {}},
    }


def _count(totals: Plain, old: Plain, new: Plain, changed: Plain) -> None:
    totals["posts"] += 1
    totals["changed"] += bool(changed)
    totals["fields"].update(list(changed))
    if old["disposition"] != new["disposition"]:
        totals["dispositions"][f"{old['disposition']} -> {new['disposition']}"] += 1
    for side, one in enumerate((old, new)):
        totals["tickets_opened"][side] += one["_opens"]
        for name, value in (("alerts", one["alert"]), ("teams", one["team"])):
            if value not in {None, "none"}:
                totals[name].setdefault(value, [0, 0])[side] += 1
        for rule, would in one["_watched"]:
            seen = totals["monitored"]["new" if side else "old"]
            entry = seen.setdefault(rule, {"held": 0, "would": Counter()})
            entry["held"] += 1
            if would:
                entry["would"][f"{one['disposition']} -> {would}"] += 1


def _plain(totals: Plain) -> Plain:
    found: Plain = json.loads(json.dumps(totals))
    return found

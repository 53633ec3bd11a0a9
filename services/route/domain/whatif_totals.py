"""What does a change of policy come to over a day? Sums, and a table for a person."""

from collections import Counter
from collections.abc import Iterable, Iterator

from schemas.decisions import Decision
from schemas.states import AlertNeed
from services.route.domain.whatif import Judge, Outcome, difference

Row = dict[str, object]


class Tally:
    """Counts, one post after another; a pair is always what it was and what it is."""

    def __init__(self) -> None:
        self._posts = 0
        self._changed = 0
        self._fields = Counter[str]()
        self._dispositions = Counter[str]()
        self._sides = (_Side(), _Side())

    def add(self, old: Outcome, new: Outcome, changed: Row) -> None:
        """Count one post."""
        self._posts += 1
        self._changed += bool(changed)
        self._fields.update(changed.keys())
        if old.disposition != new.disposition:
            self._dispositions[f"{old.disposition} -> {new.disposition}"] += 1
        for side, outcome in zip(self._sides, (old, new), strict=True):
            side.add(outcome)

    def totals(self) -> Row:
        """All sums, by name."""
        old, new = self._sides
        return {
            "posts": self._posts,
            "changed": self._changed,
            "fields": _sorted(self._fields),
            "dispositions": _sorted(self._dispositions),
            "alerts": _pairs(old.alerts, new.alerts),
            "tickets_opened": [old.opened, new.opened],
            "teams": _pairs(old.teams, new.teams),
            "monitored": {"old": old.watched(), "new": new.watched()},
        }


class _Side:
    def __init__(self) -> None:
        self.alerts = Counter[str]()
        self.teams = Counter[str]()
        self.opened = 0
        self._held = Counter[str]()
        self._would: dict[str, Counter[str]] = {}

    def add(self, outcome: Outcome) -> None:
        self.opened += outcome.opens
        if outcome.alert is not AlertNeed.none:
            self.alerts[outcome.alert.value] += 1
        if outcome.team:
            self.teams[outcome.team] += 1
        for one in outcome.monitored:
            self._held[one.rule] += 1
            if one.would:
                change = f"{outcome.disposition} -> {one.would}"
                self._would.setdefault(one.rule, Counter())[change] += 1

    def watched(self) -> Row:
        """By monitor rule: how often its conditions held, and what it would have changed."""
        return {
            rule: {"held": held, "would": _sorted(self._would.get(rule, Counter()))}
            for rule, held in sorted(self._held.items())
        }


def compared(decisions: Iterable[Decision], old: Judge, new: Judge) -> Iterator[Row]:
    """A row for each post that differs, then one with the totals."""
    tally = Tally()
    for decision in decisions:
        before, after = old(decision), new(decision)
        changed = difference(before, after)
        tally.add(before, after, changed)
        if changed:
            post = {"post_id": decision.post_id, "revision": decision.revision}
            yield {**post, "brand": decision.brand, **changed}
    yield {"totals": tally.totals()}


def table(rows: Iterable[Row]) -> Iterator[str]:
    """The same rows for a person to read."""
    for row in rows:
        totals = row.get("totals")
        if isinstance(totals, dict):
            yield from _summary(totals)
        else:
            yield f"{row['post_id']}  ({row['brand']}, revision {row['revision']})"
            yield from (f"    {line}" for line in _changes(row))


def _changes(row: Row) -> Iterator[str]:
    for name, pair in row.items():
        if isinstance(pair, dict):
            for clock, times in pair.items():
                yield f"{name + ' ' + clock:<22} {_said(times[0])} -> {_said(times[1])}"
        elif isinstance(pair, list):
            yield f"{name:<22} {_said(pair[0])} -> {_said(pair[1])}"


def _summary(totals: Row) -> Iterator[str]:
    yield f"{totals['changed']} of {totals['posts']} posts differ"
    yield f"    {'tickets opened':<22} {_arrow(totals['tickets_opened'])}"
    for title in ("fields", "dispositions", "alerts", "teams"):
        yield from _lines(title, totals[title])
    for side in ("old", "new"):
        watched = totals["monitored"]
        if isinstance(watched, dict):
            yield from _lines(f"monitor rules, {side}", watched[side])


def _lines(title: str, counts: object) -> Iterator[str]:
    if isinstance(counts, dict) and counts:
        yield f"{title}:"
        for name, count in counts.items():
            yield f"    {name:<22} {_arrow(count)}"


def _arrow(count: object) -> str:
    if isinstance(count, list):
        return f"{count[0]} -> {count[1]}"
    if isinstance(count, dict):
        would = ", ".join(f"{n} x {change}" for change, n in count["would"].items())
        return f"{count['held']} times" + (f", would change {would}" if would else "")
    return str(count)


def _said(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:%Y-%m-%d %H:%M}" if hasattr(value, "strftime") else str(value)


def _sorted(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items()))


def _pairs(old: Counter[str], new: Counter[str]) -> dict[str, list[int]]:
    return {name: [old[name], new[name]] for name in sorted(old.keys() | new.keys())}

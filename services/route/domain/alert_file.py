"""How are the alerts of a policy file read? Labels, durations, calendars; all problems at once."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, TypeVar

import msgspec

from services.route.domain.alert_spec import AlertingSpec, WaySpec
from services.route.domain.calendars import Hold
from services.route.domain.findings import Findings
from services.route.domain.promises import read_span
from services.route.domain.silencing import (
    LABEL_WORDS,
    LABELS,
    LabelMatch,
    Said,
    match_of,
    values_of,
)
from services.route.domain.spec import PolicySpec
from services.route.domain.ways import Alerting, Inhibition, Pace, Way

EVERY_LABEL = ("...",)
"""What ``group_by`` says where nothing is grouped, as in Alertmanager."""

T = TypeVar("T")


def read_alerting(spec: PolicySpec, holds: Mapping[str, Hold], findings: Findings) -> Alerting:
    """The ways of alerts; what is wrong is noted with its place."""
    path, said = "$.alerting", spec.alerting
    reader = _Reader(spec, holds, findings)
    root = WaySpec(
        group_by=said.group_by,
        group_wait=said.group_wait,
        group_interval=said.group_interval,
        repeat_interval=said.repeat_interval,
        send_resolved=said.send_resolved,
        routes=said.routes,
    )
    return Alerting(
        root=reader.way(path, "0", root, None),
        inhibitions=tuple(reader.inhibitions(said)),
        taken_within=read_span(f"{path}.taken_within", said.taken_within, findings),
        summary_wait=read_span(f"{path}.summary_wait", said.summary_wait, findings),
        test_channel=said.test_channel,
    )


def read_matches(
    path: str, when: Mapping[str, Any], teams: tuple[str, ...], findings: Findings
) -> tuple[LabelMatch, ...]:
    """Conditions on labels: a value, a list of values, or ``{not: ...}``."""
    found = []
    for label, value in when.items():
        if not findings.known(f"{path}.{label}", label, LABELS):
            continue
        said = _said(value)
        if said is None:
            findings.wrong(f"{path}.{label}", "expected a word, a list of words or `{not: ...}`")
            continue
        known = teams if label == "team" else LABEL_WORDS.get(label, ())
        for one in filter(None, values_of(said) if known else ()):  # "" asks for a missing label
            findings.known(f"{path}.{label}", one, known)
        found.append(match_of(label, said))
    return tuple(found)


def _said(value: Any) -> Said | None:
    """What a file says of a label, where it says anything."""
    try:
        said: Said = msgspec.convert(value, Said)
    except msgspec.ValidationError:
        return None
    return said if values_of(said) else None


class _Reader:
    def __init__(self, spec: PolicySpec, holds: Mapping[str, Hold], findings: Findings) -> None:
        self._spec, self._holds, self._findings = spec, holds, findings
        self._teams = tuple(spec.teams)

    def way(self, path: str, place: str, spec: WaySpec, above: Way | None) -> Way:
        """A way with all below it; what it leaves out is as on the one above."""
        if spec.channel and self._spec.channels:
            self._findings.known(f"{path}.channel", spec.channel, self._spec.channels)
        way = Way(
            id=place,
            pace=self._pace(path, spec, above),
            group_by=self._group_by(path, spec, above),
            channel=spec.channel or (above.channel if above else None),
            matches=read_matches(f"{path}.when", spec.when, self._teams, self._findings),
            mute=self._hours(f"{path}.mute", spec.mute),
            active=self._hours(f"{path}.active", spec.active),
            goes_on=spec.goes_on,
        )
        ways = [
            self.way(f"{path}.routes[{n}]", f"{place}.{n}", one, way)
            for n, one in enumerate(spec.routes)
        ]
        return msgspec.structs.replace(way, ways=tuple(ways))

    def inhibitions(self, said: AlertingSpec) -> list[Inhibition]:
        """Every inhibition."""
        found = []
        for n, one in enumerate(said.inhibit):
            path = f"$.alerting.inhibit[{n}]"
            for m, label in enumerate(one.equal):
                self._findings.known(f"{path}.equal[{m}]", label, LABELS)
            source, target = (
                read_matches(f"{path}.{name}", side, self._teams, self._findings)
                for name, side in (("source", one.source), ("target", one.target))
            )
            found.append(Inhibition(source=source, target=target, equal=one.equal))
        return found

    def _group_by(self, path: str, spec: WaySpec, above: Way | None) -> tuple[str, ...]:
        if spec.group_by == EVERY_LABEL:
            return LABELS
        for n, label in enumerate(spec.group_by or ()):
            self._findings.known(f"{path}.group_by[{n}]", label, LABELS)
        return _or(spec.group_by, above.group_by if above else ())

    def _pace(self, path: str, spec: WaySpec, above: Way | None) -> Pace:
        return Pace(
            wait=self._span(path, "group_wait", spec, above.pace.wait if above else None),
            interval=self._span(
                path, "group_interval", spec, above.pace.interval if above else None
            ),
            repeat=self._span(path, "repeat_interval", spec, above.pace.repeat if above else None),
            send_resolved=_or(spec.send_resolved, above.pace.send_resolved if above else True),
        )

    def _span(self, path: str, name: str, spec: WaySpec, above: timedelta | None) -> timedelta:
        said = getattr(spec, name)
        if said is None and above is not None:
            return above
        if name == "group_wait" and said == "0s":
            return timedelta()
        return read_span(f"{path}.{name}", said or "", self._findings)

    def _hours(self, path: str, names: tuple[str, ...]) -> tuple[Hold, ...]:
        known = [
            name
            for n, name in enumerate(names)
            if self._findings.known(f"{path}[{n}]", name, self._holds)
        ]
        return tuple(self._holds[name] for name in known)


def _or(said: T | None, above: T) -> T:
    """What is said, or what holds above."""
    return above if said is None else said

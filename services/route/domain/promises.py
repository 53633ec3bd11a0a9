"""What is promised? Durations, shares and the named targets of the file, compiled."""

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta

import msgspec

from schemas.tickets import Targets
from services.route.domain.calendars import OPEN, Hold
from services.route.domain.findings import Findings
from services.route.domain.policy import Sla
from services.route.domain.spec import PolicySpec, SlaSpec
from services.route.domain.teams import Team

_CLOCKS = tuple(field.name for field in msgspec.structs.fields(Targets))
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def read_sla(
    spec: PolicySpec, holds: Mapping[str, Hold], teams: Mapping[str, Team], findings: Findings
) -> dict[str, Sla]:
    """Every promise by its name; it announces the shares that the ladders of its teams ask for."""
    rungs: dict[str, set[float]] = {}
    for then in (rule.then for rule in spec.rules):
        if then.sla and then.team and then.team in teams:
            shares = (step.share for step in teams[then.team].ladder)
            rungs.setdefault(then.sla, set()).update(shares)
    return {
        name: _sla(name, one, holds, rungs.get(name, set()), findings)
        for name, one in spec.sla.items()
    }


def read_span(path: str, text: str, findings: Findings) -> timedelta:
    """A duration such as ``15m`` or ``7d``; nothing where it is none, which is noted."""
    found = re.fullmatch(r"([1-9][0-9]*)([smhd])", text)
    if found:
        return timedelta(seconds=int(found[1]) * _UNITS[found[2]])
    findings.wrong(path, f"expected a duration like 15m, 2h or 7d, got `{text}`")
    return timedelta()


def read_share(path: str, text: str, findings: Findings) -> float | None:
    """A share such as ``75%``; None where it is none, which is noted."""
    found = re.fullmatch(r"([1-9][0-9]{0,2})%", text)
    if found:
        return int(found[1]) / 100
    findings.wrong(path, f"expected a share like 75%, got `{text}`")
    return None


def _sla(
    name: str, spec: SlaSpec, holds: Mapping[str, Hold], rungs: Iterable[float], findings: Findings
) -> Sla:
    path = f"$.sla.{name}"
    findings.known(f"{path}.calendar", spec.calendar, holds)
    targets = {
        clock: int(read_span(f"{path}.{clock}", text, findings).total_seconds())
        for clock in _CLOCKS
        if (text := getattr(spec, clock)) is not None
    }
    if not targets:
        findings.wrong(path, f"expected a target for at least one of {', '.join(_CLOCKS)}")
    at_risk = read_share(f"{path}.at_risk", spec.at_risk, findings) or 0.75
    if at_risk >= 1:
        why = f"expected a share below 100%, got `{spec.at_risk}`: a warning after the end is none"
        findings.wrong(f"{path}.at_risk", why)
    return Sla(
        name=name,
        hold=holds.get(spec.calendar, OPEN),
        clock_from=spec.clock_from,
        targets=Targets(**targets),
        at_risk=at_risk,
        thresholds=tuple(sorted({at_risk, 1.0, *rungs})),
    )

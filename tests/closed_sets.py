"""What may be measured, and what may a label say? The catalogue, and each label's closed set."""

import re
from collections.abc import Mapping
from pathlib import Path

import yaml

from schemas.classified import Classification
from schemas.dead_letters import Reason
from schemas.states import AlertKind, ClockName, PriorityBand, RuleMode, SlaState
from schemas.topics import SERVICES, TOPICS
from schemas.vocabulary import Disposition, Op, Tone
from services.route.domain.commands import COMMANDS, Refusal

REST = "other"
_BRANDS = yaml.safe_load(Path("services/ingest/brands.example.yaml").read_text("utf-8"))["brands"]
_POLICY = yaml.safe_load(Path("services/route/policy/default.yaml").read_text("utf-8"))
_ANSWERED = "accepted handshake duplicate auth invalid throttled unavailable"
_CALLED = "delivered failed expired"

CLOSED: Mapping[str, set[str]] = {
    "service": set(SERVICES),
    "version": {"0.1.0"},
    "topic": {topic.name for topic in TOPICS},
    "direction": {"in", "out"},
    "reason": {*Reason, "bug", "flood"},
    "operation": {"step"},
    "file": {"policy", "brands", "tokens"},
    "brand": {*_BRANDS, REST},
    "team": {*_POLICY["teams"], REST},
    "source": {"generic"},
    "op": set(Op),
    "outcome": {*_ANSWERED.split(), *_CALLED.split(), "done", "not_found", *Refusal},
    "lang": {"ru", "bg", "en", "uk", REST},
    "tone": set(Tone),
    "band": {"0", "1", "2", "3"},
    "axis": set(Classification.__struct_fields__),
    "disposition": set(Disposition),
    "mode": set(RuleMode),
    "priority": set(PriorityBand),
    "command": {*COMMANDS, "ack"},
    "kind": set(AlertKind),
    "channel": {"fraud-alerts", "care-alerts", "lead-alerts", "_canary"},
    "hop": {"ingest", "classify", "route", "channel", "notify"},
    "clock": set(ClockName),
    "verdict": {SlaState.met, SlaState.breached, SlaState.cancelled},
    "time": {"wall", "working"},
    "bound": {"1h", "6h", "24h", "target"},
    "period": {"24h", "30d"},
    "at": {"actual", "previous"},
    "part": {"within", "all"},
    "age": {"1h", "6h", "24h", "older"},
    "state": {"running", "at_risk", "breached"},
}
"""In the demo's day; a label that is missing here has no closed set."""


def catalogue() -> Mapping[str, tuple[str, set[str]]]:
    """The metrics of docs/metrics.md: the kind of each, and its labels."""
    page = Path("docs/metrics.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(otklik_\w+)` \| (\w+) \| ([^|]*) \|", page, flags=re.M)
    return {
        name: (kind, {one.strip() for one in labels.split(",") if one.strip()})
        for name, kind, labels in rows
    }

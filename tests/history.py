"""Three days of history whose end is known: a healthy one, and one that has begun to burn.

Figures are those of its last hours: per hour for counters, as they stand for gauges, and an age for
what holds a time. Nights are quieter in counters; the broken history is the healthy one until it
burns. What a panel must leave out lies beside it: the other replica, the other period, the other
direction.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

END = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)
HOURS, STEP = 72, 300
BURNS = 20
"""So many hours before the end it begins to burn."""
NIGHT = 0.3
"""What a counter gains at night, as a share of what it gains by day."""


class Series(NamedTuple):
    """One series; ``kind`` is ``gauge``, ``counter`` (per hour) or ``age`` (a time so long ago)."""

    name: str
    labels: dict[str, str]
    kind: str
    healthy: float
    broken: float


ACME = {"brand": "acme", "team": "care"}
FRAUD = {"brand": "acme", "team": "fraud"}
PODS = ({"pod": "notify-0"}, {"pod": "notify-1"})


def _attainment() -> Iterator[Series]:
    within = {"1h": (70, 41, 55), "6h": (90, 78, 78), "24h": (98, 95, 93)}
    for bound, (healthy, broken, previous) in within.items():
        about = {**ACME, "clock": "first_response", "bound": bound, "period": "24h"}
        for pod in PODS:
            for at, good, bad in (("actual", healthy, broken), ("previous", previous, previous)):
                labels = {**about, **pod, "at": at}
                name = "otklik_attainment_tickets"
                yield Series(name, {**labels, "part": "within"}, "gauge", good, bad)
                yield Series(name, {**labels, "part": "all"}, "gauge", 100, 100)
                month = {**labels, "period": "30d", "part": "within"}
                yield Series(name, month, "gauge", 7777, 7777)


def _histogram(
    name: str, labels: dict[str, str], counts: dict[str, tuple[float, float]]
) -> Iterator[Series]:
    for le, (healthy, broken) in counts.items():
        yield Series(f"{name}_bucket", {**labels, "le": le}, "counter", healthy, broken)


def _promises() -> Iterator[Series]:
    yield Series("otklik_facts_timestamp_seconds", PODS[0], "age", 10, 900)
    yield Series("otklik_facts_timestamp_seconds", PODS[1], "age", 4000, 4000)
    hops = {"ingest": (20, 20), "classify": (20, 25), "route": (21, 1500), "channel": (22, 1501)}
    for hop, (healthy, broken) in {**hops, "notify": (21, 1500)}.items():
        labels = {"hop": hop, "pod": f"{hop}-0"}
        yield Series("otklik_canary_timestamp_seconds", labels, "age", healthy, broken)
    idle = {"hop": "classify", "pod": "classify-1"}
    yield Series("otklik_canary_timestamp_seconds", idle, "age", 5000, 5000)
    for channel, healthy, broken in (("night", 0, 600), ("care", 0, 5)):
        labels = {"channel": channel}
        yield Series("otklik_alert_oldest_pending_seconds", labels, "gauge", healthy, broken)
    vk, rss = ({"brand": "acme", "source": one} for one in ("vk", "rss"))
    yield Series("otklik_source_last_event_timestamp_seconds", vk, "age", 60, 7200)
    yield Series("otklik_source_expected_interval_seconds", vk, "gauge", 3600, 3600)
    yield Series("otklik_source_last_event_timestamp_seconds", rss, "age", 30, 30)
    yield Series("otklik_source_expected_interval_seconds", rss, "gauge", 600, 600)
    for pod in ({"pod": "route-0"}, {"pod": "route-1"}):
        for team, hours in (("fraud", 2), ("care", 0.5)):
            yield Series("otklik_duty_gap_hours", {"team": team, **pod}, "gauge", 0, hours)
    yield Series("otklik_alerts_held", {"pod": "route-0"}, "gauge", 0, 1)
    for bound, goal in (("1h", 0.65), ("6h", 0.85), ("24h", 0.95), ("target", 0.1)):
        labels = {"clock": "first_response", "bound": bound}
        yield Series("otklik_attainment_goal_ratio", labels, "gauge", goal, goal)
    clock = {"priority": "high", "clock": "first_response"}
    for verdict, healthy, broken in (("met", 20, 5), ("breached", 1, 30)):
        labels = {**ACME, **clock, "verdict": verdict}
        yield Series("otklik_sla_verdicts_total", labels, "counter", healthy, broken)
    answers = {"300.0": (10.0, 1.0), "900.0": (18.0, 2.0), "+Inf": (20.0, 35.0)}
    yield from _histogram("otklik_response_seconds", {**ACME, "time": "wall"}, answers)
    working = {"300.0": (999.0, 999.0)}
    yield from _histogram("otklik_response_seconds", {**ACME, "time": "working"}, working)


def _open() -> Iterator[Series]:
    clock = {"priority": "high", "clock": "first_response"}
    for pod in PODS:
        for who, late, soon in ((ACME, (0, 4), (1, 2)), (FRAUD, (0, 2), (0, 1))):
            labels = {**who, **clock, **pod}
            for state, (healthy, broken) in (("breached", late), ("at_risk", soon)):
                told = {**labels, "state": state}
                yield Series("otklik_open_clocks", told, "gauge", healthy, broken)
            yield Series("otklik_open_clocks", {**labels, "state": "running"}, "gauge", 50, 50)
        for who, used, over in ((ACME, 0.4, 3), (FRAUD, 0.1, 1.5)):
            labels = {**who, "priority": "high", **pod}
            yield Series("otklik_oldest_unanswered_ratio", labels, "gauge", used, over)
        for age, healthy, broken in (("1h", 3, 3), ("older", 0, 9)):
            labels = {**ACME, "priority": "high", "age": age, **pod}
            yield Series("otklik_open_tickets", labels, "gauge", healthy, broken)


def _ingress() -> Iterator[Series]:
    for outcome, healthy, broken in (("accepted", 7200, 3600), ("unavailable", 0, 3600)):
        labels = {"source": "vk", "outcome": outcome}
        yield Series("otklik_requests_total", labels, "counter", healthy, broken)
    asked = {"0.1": (10.0, 0.0), "10.0": (10.0, 10.0), "+Inf": (10.0, 10.0)}
    yield from _histogram("otklik_request_seconds", {"source": "vk"}, asked)
    yield Series("otklik_spool_bytes", {"source": "rss"}, "gauge", 0, 4096)
    rss = {"brand": "acme", "source": "rss"}
    yield Series("otklik_source_cursor_timestamp_seconds", rss, "age", 30, 7200)
    posts = {"brand": "acme", "source": "vk", "op": "created"}
    yield Series("otklik_posts_total", posts, "counter", 7200, 3600)
    late = {"60.0": (10.0, 0.0), "3600.0": (10.0, 10.0), "+Inf": (10.0, 10.0)}
    yield from _histogram("otklik_source_delay_seconds", {"source": "vk"}, late)


def _pipeline() -> Iterator[Series]:
    route = {"service": "route"}
    lag = {**route, "topic": "classified.v1"}
    yield Series("otklik_lag_seconds", lag, "gauge", 0.2, 300)
    yield Series("otklik_lag_records", lag, "gauge", 3, 9000)
    letters = {"service": "classify", "topic": "posts.v1", "reason": "not_json"}
    yield Series("otklik_dead_letters_total", letters, "counter", 0, 12)
    told = {"1.0": (10.0, 0.0), "30.0": (10.0, 10.0), "+Inf": (10.0, 10.0)}
    night = {"channel": "night"}
    yield from _histogram("otklik_alert_delivery_seconds", {**night, "kind": "case"}, told)
    for direction, healthy, broken in (("in", 7200, 1800), ("out", 99_999, 99_999)):
        labels = {**lag, "direction": direction}
        yield Series("otklik_records_total", labels, "counter", healthy, broken)
    yield from _histogram("otklik_stage_age_seconds", route, told)
    yield from _histogram("otklik_batch_seconds", route, told)
    yield Series("otklik_dependency_retries_total", route, "counter", 0, 60)
    yield Series("otklik_unknown_types_total", lag, "counter", 0, 5)
    for outcome, healthy, broken in (("delivered", 4, 1), ("failed", 0, 99)):
        labels = {**night, "kind": "case", "outcome": outcome}
        yield Series("otklik_alerts_total", labels, "counter", healthy, broken)
    steps = {"0.1": (10.0, 0.0), "1.0": (10.0, 10.0), "+Inf": (10.0, 10.0)}
    yield from _histogram("otklik_store_seconds", {**route, "operation": "step"}, steps)
    yield Series("otklik_progress_timestamp_seconds", {**route, "pod": "r0"}, "age", 5, 900)
    yield Series("otklik_progress_timestamp_seconds", {**route, "pod": "r1"}, "age", 1, 1)
    yield Series("otklik_outbox_pending", route, "gauge", 1, 500)
    stopped = {"service": "notify", "reason": "bug"}
    yield Series("otklik_flow_stopped", stopped, "gauge", 0, 2)
    yield Series("otklik_rebalances_total", route, "counter", 0, 6)
    yield Series("otklik_config_ok", {**route, "file": "policy"}, "gauge", 1, 0)
    for outcome, healthy, broken in (("delivered", 30, 0), ("failed", 0, 120)):
        labels = {**night, "outcome": outcome}
        yield Series("otklik_alert_attempts_total", labels, "counter", healthy, broken)
    yield Series("otklik_alert_breaker_open", night, "gauge", 0, 1)


def _triage() -> Iterator[Series]:
    for lang, tone, band, healthy, broken in (
        ("ru", "negative", "2", 60, 600),
        ("bg", "positive", "0", 30, 30),
    ):
        labels = {"brand": "acme", "lang": lang, "tone": tone, "band": band}
        yield Series("otklik_classified_total", labels, "counter", healthy, broken)
    for disposition, healthy, broken in (("answer_here", 50, 5), ("listen", 40, 40)):
        labels = {"brand": "acme", "disposition": disposition, "mode": "active"}
        yield Series("otklik_decisions_total", labels, "counter", healthy, broken)
    opened = {**ACME, "priority": "high"}
    yield Series("otklik_tickets_opened_total", opened, "counter", 10, 100)
    for command, healthy, broken in (("claim", 8, 1), ("override", 2, 40)):
        labels = {"command": command, "outcome": "done"}
        yield Series("otklik_commands_total", labels, "counter", healthy, broken)
    for axis, lang, healthy, broken in (("urgency", "ru", 1, 20), ("disposition", "bg", 2, 2)):
        labels = {"brand": "acme", "axis": axis, "lang": lang}
        yield Series("otklik_corrections_total", labels, "counter", healthy, broken)


SERIES = (*_attainment(), *_open(), *_promises(), *_ingress(), *_pipeline(), *_triage())


def openmetrics(*, broken: bool) -> Iterator[str]:
    """The history as OpenMetrics text, family by family."""
    end = int(END.timestamp())
    times = range(end - HOURS * 3600, end + 1, STEP)
    families: dict[str, list[Series]] = {}
    for series in SERIES:
        families.setdefault(series.name, []).append(series)
    for name, members in families.items():
        yield f"# TYPE {name} unknown"
        for series in members:
            labels = ",".join(f'{key}="{value}"' for key, value in series.labels.items())
            for at, value in zip(times, _values(series, times, broken=broken), strict=True):
                yield f"{name}{{{labels}}} {value} {at}"
    yield "# EOF"


def _values(series: Series, times: range, *, broken: bool) -> Iterator[float]:
    burns, sum_ = times[-1] - BURNS * 3600, 0.0
    for at in times:
        value = series.broken if broken and at > burns else series.healthy
        if series.kind == "counter":
            sum_ += value * _busy(at) * STEP / 3600
            yield sum_
        else:
            yield at - value if series.kind == "age" else value


def _busy(at: int) -> float:
    """How busy an hour is: all of it from nine to nine, little at night, between in between."""
    hour = at % 86_400 / 3600
    awake = min(max(hour - 6, 0), max(24 - hour, 0), 3) / 3
    return NIGHT + (1 - NIGHT) * awake

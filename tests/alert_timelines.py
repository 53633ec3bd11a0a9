"""Timelines of alerts with the calls that they lead to, worked out by hand on Alertmanager's rules.

Times are seconds from ``T0``. Several are those of Alertmanager's own acceptance tests with a
second for a minute (``test/with_api_v2/acceptance``: merging, repeating, batching, resolving, cold
start, silencing, inhibition); the others are of what it does not have: acknowledging, chains,
summaries, a hold. They are played in memory and on both stores.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import msgspec

from services.route.domain.alert_timeline import Line, read_timeline
from services.route.domain.policy import Policy
from services.route.domain.policy_file import read_policy
from services.route.domain.silencing import LABELS

T0 = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
Heard = tuple[int, str, str, int, frozenset[str], frozenset[str]]
"""When, on which channel, what state, at which level, which alerts fire, which have ended."""

_POLICY = """
policy: small
defaults: {{page_within: 30m}}
calendars:
  noon: {{timezone: UTC, weekly: {{mon-sun: "12:00-13:00"}}}}
  tea: {{timezone: UTC, weekly: {{mon-sun: "10:05-10:10"}}}}
  morning: {{timezone: UTC, weekly: {{mon-sun: "09:00-10:08"}}}}
sla: {{day: {{first_response: 1h}}}}
teams:
  care: {{languages: [ru], duty: [{{during: always, people: [vera]}}], alerts: chat{chain}}}
  lead: {{languages: [en], duty: [{{during: always, people: [lena]}}], alerts: phone}}
alerting: {alerting}
rules:
  - id: all
    why: Everything has an owner.
    then: {{disposition: human_review, team: care, sla: day}}
    tests: [{{post: "?", facts: {{}}, gives: {{rule: all}}}}]
"""
_CHAIN = ", unacknowledged: {5m: lead, 15m: boss}"
MINUTE = "group_by: [topic], group_wait: 1m, group_interval: 1m"
AT_ONCE = "group_by: [topic], group_wait: 0s, group_interval: 1m"


class Timeline(NamedTuple):
    """A policy's alerting, what happens, and what is heard."""

    name: str
    alerting: str
    lines: Sequence[tuple[float, dict[str, Any]]]
    heard: Sequence[tuple[int, str, str, int, str, str]]
    until: int = 1200
    chain: bool = False

    @property
    def policy(self) -> Policy:
        text = _POLICY.format(alerting=f"{{{self.alerting}}}", chain=_CHAIN if self.chain else "")
        return read_policy(text)

    @property
    def timeline(self) -> Sequence[Line]:
        raw = [{"at": _at(after), **_dated(line)} for after, line in self.lines]
        return read_timeline(map(msgspec.json.encode, raw), self.policy.teams)

    @property
    def ends_at(self) -> datetime:
        return T0 + timedelta(seconds=self.until)

    @property
    def expected(self) -> list[Heard]:
        return in_order(
            (after, channel, state, level, frozenset(firing.split()), frozenset(ended.split()))
            for after, channel, state, level, firing, ended in self.heard
        )


def in_order(calls: Iterable[Heard]) -> list[Heard]:
    """Calls by time and channel, and by what they are about."""
    return sorted(calls, key=lambda call: (*call[:4], *map(sorted, call[4:])))


def _at(after: float) -> datetime:
    return T0 + timedelta(seconds=after)


def _dated(line: dict[str, Any]) -> dict[str, Any]:
    return {
        key: {k: _at(v) if k in {"since", "until"} else v for k, v in value.items()}
        if isinstance(value, dict)
        else value
        for key, value in line.items()
    }


def fires(name: str, topic: str = "safety", **more: Any) -> dict[str, Any]:
    """An alert of a topic, with more labels; ``since`` and ``until`` in seconds."""
    labels = {"topic": topic} | {key: more.pop(key) for key in LABELS if key in more}
    return {"fires": {"id": name, "labels": labels, **more}}


TIMELINES = (
    Timeline(
        "what comes within the wait is one call, what comes later an update of it",
        f"{MINUTE}, repeat_interval: 4h",
        [(0, fires("a1")), (30, fires("a2")), (70, fires("a3"))],
        [(60, "chat", "raised", 0, "a1 a2", ""), (120, "chat", "updated", 0, "a1 a2 a3", "")],
    ),
    Timeline(
        "batching",
        f"{MINUTE}, repeat_interval: 5m",
        [(66, fires("a1")), (102, fires("a5")), (198, fires("a2")), (210, fires("a3"))],
        [
            (126, "chat", "raised", 0, "a1 a5", ""),
            (246, "chat", "updated", 0, "a1 a2 a3 a5", ""),
            (546, "chat", "repeated", 0, "a1 a2 a3 a5", ""),
            (846, "chat", "repeated", 0, "a1 a2 a3 a5", ""),
            (1146, "chat", "repeated", 0, "a1 a2 a3 a5", ""),
        ],
    ),
    Timeline(
        "a repeat interval that is a multiple of the group interval is not rounded up",
        f"{AT_ONCE}, repeat_interval: 2m",
        [(0, fires("a1"))],
        [(n, "chat", "raised" if n == 0 else "repeated", 0, "a1", "") for n in range(0, 601, 120)],
        until=600,
    ),
    Timeline(
        "one that is no multiple waits for the next interval",
        f"{AT_ONCE}, repeat_interval: 90s",
        [(0, fires("a1"))],
        [(0, "chat", "raised", 0, "a1", ""), (120, "chat", "repeated", 0, "a1", "")],
        until=200,
    ),
    Timeline(
        "what ends before anybody was told is nobody's",
        f"{MINUTE}, repeat_interval: 4h",
        [(0, fires("a1")), (30, {"ends": "a1"}), (200, fires("a1"))],
        [(260, "chat", "raised", 0, "a1", "")],
    ),
    Timeline(
        "an end is told once; what fires again is a call of its own",
        f"{MINUTE}, repeat_interval: 4h",
        [(0, fires("a1")), (70, {"ends": "a1"}), (75, {"ends": "a1"}), (130, fires("a1"))],
        [
            (60, "chat", "raised", 0, "a1", ""),
            (120, "chat", "resolved", 0, "", "a1"),
            (190, "chat", "raised", 0, "a1", ""),
        ],
    ),
    Timeline(
        "what ends by its own time ends",
        f"{MINUTE}, repeat_interval: 4h",
        [(0, fires("a1", until=100)), (0, fires("a2"))],
        [
            (60, "chat", "raised", 0, "a1 a2", ""),
            (120, "chat", "updated", 0, "a2", "a1"),
        ],
    ),
    Timeline(
        "flapping between two looks is nobody's",
        f"{MINUTE}, repeat_interval: 4h",
        [(0, fires("a1")), (70, {"ends": "a1"}), (80, fires("a1"))],
        [(60, "chat", "raised", 0, "a1", "")],
    ),
    Timeline(
        "what began and ended between two looks is told where ends are",
        f"{MINUTE}, repeat_interval: 4h",
        [(0, fires("a1")), (70, fires("a2")), (80, {"ends": "a2"})],
        [(60, "chat", "raised", 0, "a1", ""), (120, "chat", "updated", 0, "a1", "a2")],
    ),
    Timeline(
        "ends are told to nobody where the policy says so",
        f"{MINUTE}, repeat_interval: 4h, send_resolved: false",
        [(0, fires("a1")), (0, fires("a2")), (70, {"ends": "a1"}), (130, {"ends": "a2"})],
        [(60, "chat", "raised", 0, "a1 a2", "")],
    ),
    Timeline(
        "cold start: what fires for longer than the wait is told at once",
        f"{MINUTE}, repeat_interval: 4h",
        [(0, fires("a1", since=-300))],
        [(0, "chat", "raised", 0, "a1", "")],
    ),
    Timeline(
        "a silence keeps one of two quiet, and that one is told again after it",
        "group_by: [], group_wait: 1m, group_interval: 1m, repeat_interval: 1m",
        [
            (0, fires("a1")),
            (0, fires("a2", "information")),
            (90, {"silences": {"id": 7, "matches": {"topic": "safety"}, "until": 240}}),
        ],
        [
            (60, "chat", "raised", 0, "a1 a2", ""),
            (120, "chat", "repeated", 0, "a2", ""),
            (180, "chat", "repeated", 0, "a2", ""),
            (240, "chat", "updated", 0, "a1 a2", ""),
            (300, "chat", "repeated", 0, "a1 a2", ""),
        ],
        until=330,
    ),
    Timeline(
        "a silence that is taken back ends",
        f"{AT_ONCE}, repeat_interval: 4h",
        [
            (0, {"silences": {"id": 7, "matches": {"topic": {"not": "other"}}, "until": 900}}),
            (10, fires("a1")),
            (100, {"unsilences": 7}),
        ],
        [(130, "chat", "raised", 0, "a1", "")],
    ),
    Timeline(
        "what ended under a silence is told when it may be, for its beginning was",
        f"{AT_ONCE}, repeat_interval: 4h",
        [
            (0, fires("a1")),
            (30, {"silences": {"id": 1, "matches": {"topic": "safety"}, "until": 200}}),
            (40, {"ends": "a1"}),
        ],
        [(0, "chat", "raised", 0, "a1", ""), (240, "chat", "resolved", 0, "", "a1")],
    ),
    Timeline(
        "a source quiets targets of the same topic, and only while it fires",
        "group_by: [kind], group_wait: 1m, group_interval: 1m, repeat_interval: 4h,"
        " inhibit: [{source: {kind: spike}, target: {kind: case}, equal: [topic]}]",
        [
            (0, fires("a1")),
            (0, fires("a2", "information")),
            (10, fires("s1", kind="spike")),
            (100, {"ends": "s1"}),
        ],
        [
            (60, "chat", "raised", 0, "a2", ""),
            (70, "chat", "raised", 0, "s1", ""),
            (120, "chat", "updated", 0, "a1 a2", ""),
            (130, "chat", "resolved", 0, "", "s1"),
        ],
    ),
    Timeline(
        "what is source and target at once does not quiet its like, nor itself",
        "group_by: [kind], group_wait: 0s, group_interval: 1m, repeat_interval: 4h,"
        " inhibit: [{source: {kind: [spike, case]}, target: {kind: [spike, case]},"
        " equal: [topic]}]",
        [(0, fires("a1")), (0, fires("s1", kind="spike"))],
        [(0, "chat", "raised", 0, "a1", ""), (0, "chat", "raised", 0, "s1", "")],
    ),
    Timeline(
        "labels that both lack are equal",
        "group_by: [kind], group_wait: 0s, group_interval: 1m, repeat_interval: 4h,"
        " inhibit: [{source: {kind: spike}, target: {kind: case}, equal: [clock]}]",
        [(0, fires("s1", kind="spike")), (1, fires("a1"))],
        [(0, "chat", "raised", 0, "s1", "")],
    ),
    Timeline(
        "outside of its active hours a way calls nobody, and in the first minute of them it does",
        f"{AT_ONCE}, repeat_interval: 4h, routes: [{{active: [noon]}}]",
        [(0, fires("a1"))],
        [(7200, "chat", "raised", 0, "a1", "")],
        until=7300,
    ),
    Timeline(
        "in its muted hours a way calls nobody",
        f"{AT_ONCE}, repeat_interval: 4h, routes: [{{mute: [noon]}}]",
        [(7190, fires("a1")), (7201, fires("a2", "information"))],
        [(7190, "chat", "raised", 0, "a1", ""), (10801, "chat", "raised", 0, "a2", "")],
        until=10_850,
    ),
    Timeline(
        "the first way that matches is taken, with `continue` the next one too, else the root",
        f"{AT_ONCE}, repeat_interval: 4h, routes: ["
        "{when: {topic: safety}, channel: phone, continue: true},"
        " {when: {topic: [safety, other]}, channel: pager},"
        " {when: {topic: safety}, channel: never}]",
        [(0, fires("a1")), (0, fires("a2", "other")), (0, fires("a3", "information"))],
        [
            (0, "phone", "raised", 0, "a1", ""),
            (0, "pager", "raised", 0, "a1", ""),
            (0, "pager", "raised", 0, "a2", ""),
            (0, "chat", "raised", 0, "a3", ""),
        ],
        until=30,
    ),
    Timeline(
        "a way below another keeps what it does not say anew",
        f"{MINUTE}, repeat_interval: 4h, routes: [{{when: {{kind: case}}, channel: pager,"
        " routes: [{when: {severity: critical}, group_wait: 0s, group_by: [kind]}]}]",
        [
            (0, fires("a1", severity="critical")),
            (10, fires("a2", "other", severity="critical")),
            (0, fires("a3")),
        ],
        [
            (0, "pager", "raised", 0, "a1", ""),
            (60, "pager", "updated", 0, "a1 a2", ""),
            (60, "pager", "raised", 0, "a3", ""),
        ],
        until=90,
    ),
    Timeline(
        "brands are never one call",
        f"{AT_ONCE}, repeat_interval: 4h",
        [(0, fires("a1", brand="one")), (0, fires("a2", brand="other"))],
        [(0, "chat", "raised", 0, "a1", ""), (0, "chat", "raised", 0, "a2", "")],
        until=30,
    ),
    Timeline(
        "what nobody acknowledges climbs, each level once",
        f"{AT_ONCE}, repeat_interval: 4h",
        [(0, fires("a1"))],
        [
            (0, "chat", "raised", 0, "a1", ""),
            (300, "phone", "escalated", 1, "a1", ""),
            (900, "chat", "escalated", 2, "a1", ""),
        ],
        chain=True,
    ),
    Timeline(
        "an acknowledgement stops it; without a claim or an answer it goes on where it was",
        f"{AT_ONCE}, repeat_interval: 5m, taken_within: 15m",
        [(0, fires("a1")), (120, {"acknowledges": "a1"}), (130, {"acknowledges": "a1"})],
        [
            (0, "chat", "raised", 0, "a1", ""),
            (120, "chat", "acknowledged", 0, "a1", ""),
            (1020, "phone", "escalated", 1, "a1", ""),
            (1320, "chat", "repeated", 1, "a1", ""),
            (1320, "phone", "repeated", 1, "a1", ""),
            (1620, "chat", "escalated", 2, "a1", ""),
        ],
        until=1700,
        chain=True,
    ),
    Timeline(
        "where the chain has ended, or there is none, all who know are called again",
        f"{AT_ONCE}, repeat_interval: 4h, taken_within: 10m",
        [(0, fires("a1")), (120, {"acknowledges": "a1"})],
        [
            (0, "chat", "raised", 0, "a1", ""),
            (120, "chat", "acknowledged", 0, "a1", ""),
            (720, "chat", "repeated", 0, "a1", ""),
        ],
    ),
    Timeline(
        "a claim is kept, and all who were called hear that it is over",
        f"{AT_ONCE}, repeat_interval: 5m, taken_within: 15m",
        [
            (0, fires("a1")),
            (310, {"acknowledges": "a1"}),
            (320, {"claims": "a1"}),
            (2000, {"ends": "a1"}),
        ],
        [
            (0, "chat", "raised", 0, "a1", ""),
            (300, "phone", "escalated", 1, "a1", ""),
            (310, "chat", "acknowledged", 1, "a1", ""),
            (310, "phone", "acknowledged", 1, "a1", ""),
            (2040, "chat", "resolved", 1, "", "a1"),
            (2040, "phone", "resolved", 1, "", "a1"),
        ],
        until=3000,
        chain=True,
    ),
    Timeline(
        "one more that nobody has taken brings the chain back",
        f"{AT_ONCE}, repeat_interval: 4h, taken_within: 5m",
        [(0, fires("a1")), (10, {"claims": "a1"}), (610, fires("a2"))],
        [
            (0, "chat", "raised", 0, "a1", ""),
            (660, "chat", "updated", 0, "a1 a2", ""),
            (660, "phone", "escalated", 1, "a1 a2", ""),
            (1260, "chat", "escalated", 2, "a1 a2", ""),
        ],
        until=1300,
        chain=True,
    ),
    Timeline(
        "a short hold delays, and loses nothing",
        f"{AT_ONCE}, repeat_interval: 4h",
        [(0, {"holds": True}), (10, fires("a1")), (600, {"holds": False})],
        [(610, "chat", "raised", 0, "a1", "")],
    ),
    Timeline(
        "after a long hold what is old is one summary, what is fresh a call",
        f"{AT_ONCE}, repeat_interval: 4h, summary_wait: 1m",
        [
            (0, {"holds": True}),
            (10, fires("a1")),
            (10, fires("a2", "other")),
            (20, fires("a3", "information")),
            (30, {"ends": "a3"}),
            (3600, {"holds": False}),
            (3605, fires("a4", "staff_service")),
        ],
        [
            (3605, "chat", "raised", 0, "a4", ""),
            (3670, "chat", "raised", 0, "a1 a2", ""),
        ],
        until=4000,
    ),
    Timeline(
        "an end is told after a hold, too",
        f"{AT_ONCE}, repeat_interval: 4h",
        [(0, fires("a1")), (5, {"holds": True}), (9, {"ends": "a1"}), (90, {"holds": False})],
        [(0, "chat", "raised", 0, "a1", ""), (120, "chat", "resolved", 0, "", "a1")],
        chain=True,
    ),
    Timeline(
        "what comes late is one summary of its team, of all brands and topics",
        f"{AT_ONCE}, repeat_interval: 4h, summary_wait: 1m",
        [
            (0, fires("a1", since=-3600)),
            (20, fires("a2", "other", since=-3000, brand="other")),
            (50, fires("a3", "information", since=-7200, kind="spike")),
            (55, {"ends": "a2"}),
        ],
        [(110, "chat", "raised", 0, "a1 a3", "")],
        until=9000,
        chain=True,
    ),
    Timeline(
        "a count that doubles is news, one that grows a little is none",
        f"{AT_ONCE}, repeat_interval: 4h",
        [(0, fires("h", count=10)), (30, fires("h", count=19)), (90, fires("h", count=20))],
        [(0, "chat", "raised", 0, "h", ""), (120, "chat", "updated", 0, "h", "")],
    ),
)

"""Alertmanager's own tests as timelines, a minute for a second, and the traps that they stand for.

Each name begins with that of the test in Alertmanager's repository; what is heard is what that test
wants, within its tolerance. ``alertname`` is the topic, or the kind where one inhibits another;
other labels are ``matter``, ``source``, ``clock``. What cannot be said here (a webhook that fails,
a restart) is in the tests of deliveries. Where ours differs on purpose the name says so, and
docs/decisions/0014 why.
"""

from typing import Any

from tests.alert_timelines import AT_ONCE, MINUTE, Timeline, fires

ALL_IN_ONE = "group_by: [], group_wait: 1m, group_interval: 1m"
FIVE = "group_by: [topic], group_wait: 1m, group_interval: 5m, repeat_interval: 4h"
DOWN = (
    f"{ALL_IN_ONE}, repeat_interval: 1m,"
    " inhibit: [{source: {kind: spike}, target: {kind: case}, equal: [lang, topic]}]"
)
TWICE = (
    "routes: [{channel: phone, continue: true},"
    " {channel: pager, send_resolved: false, continue: false}]"
)
CLUSTERS = "group_by: [matter, source, topic]"
_ENDED_TWICE = ((276, 180, 270), (288, 174, 288), (288, 174, 246))
_MERGED = [
    (120, "chat", "raised", 0, "t", ""),
    (180, "chat", "repeated", 0, "t", ""),
    (240, "chat", "repeated", 0, "t", ""),
    (300, "chat", "resolved", 0, "", "t"),
    (378, "chat", "raised", 0, "t", ""),
]


def silenced(topic: Any, **hours: int) -> dict[str, Any]:
    """A silence of a topic, ``until`` then, perhaps only ``since`` then."""
    return {"silences": {"id": 1, "matches": {"topic": topic}, **hours}}


SENT = (
    Timeline(
        "TestMergeAlerts: refreshed, begun earlier, ended thrice, fired again",
        f"{MINUTE}, repeat_interval: 1s",
        [
            (60, fires("t", since=66)),
            (72, fires("t", since=60)),
            (126, fires("t", since=120)),
            (216, fires("t", since=90)),
            *((at, fires("t", since=since, until=until)) for at, since, until in _ENDED_TWICE),
            (318, fires("t", since=300)),
        ],
        _MERGED,
        until=400,
    ),
    Timeline(
        "TestMergeAlertsWithEndsAt: what is said to have ended has, whatever was said before",
        f"{MINUTE}, repeat_interval: 1s",
        [
            (60, fires("t", since=66, until=246)),
            (72, fires("t", since=60)),
            (126, fires("t", since=120, until=300)),
            (216, fires("t", since=90, until=270)),
            *((at, fires("t", since=since, until=until)) for at, since, until in _ENDED_TWICE),
            (318, fires("t", since=300, until=480)),
        ],
        _MERGED,
        until=400,
    ),
    Timeline(
        "TestAlertMerge: an end that has passed comes before one that is to come",
        f"{MINUTE}, repeat_interval: 4h",
        [(0, fires("a1", until=1000)), (70, fires("a1", since=0, until=65))],
        [(60, "chat", "raised", 0, "a1", ""), (120, "chat", "resolved", 0, "", "a1")],
        until=1200,
    ),
    Timeline(
        "TestRepeat",
        f"{MINUTE}, repeat_interval: 1s",
        [(60, fires("t")), (210, fires("t", since=60, until=180))],
        [
            (120, "chat", "raised", 0, "t", ""),
            (180, "chat", "repeated", 0, "t", ""),
            (240, "chat", "resolved", 0, "", "t"),
        ],
    ),
    Timeline(
        "TestRetry: a repeat interval that is no multiple waits for the next interval, on each way",
        "group_by: [topic], group_wait: 1m, group_interval: 2m, repeat_interval: 3m,"
        " routes: [{channel: phone, continue: true}, {channel: pager}]",
        [(60, fires("t"))],
        [
            (at, channel, state, 0, "t", "")
            for at, state in ((120, "raised"), (360, "repeated"))
            for channel in ("phone", "pager")
        ],
        until=400,
    ),
    Timeline(
        "TestBatching",
        f"{ALL_IN_ONE}, repeat_interval: 294s",
        [
            (66, fires("t1", since=60)),
            (102, fires("t5", "other", since=60)),
            (198, fires("t2", "fraud_security", since=90)),
            (198, fires("t3", "information", since=90)),
            (198, fires("t4", "staff_service", since=96)),
        ],
        [
            (126, "chat", "raised", 0, "t1 t5", ""),
            (246, "chat", "updated", 0, "t1 t2 t3 t4 t5", ""),
            (546, "chat", "repeated", 0, "t1 t2 t3 t4 t5", ""),
        ],
        until=600,
    ),
    Timeline(
        "TestResolved: nobody refreshes, and all have ended",
        FIVE,
        [(60, fires(name, until=660)) for name in ("v1", "v2", "v3")],
        [
            (120, "chat", "raised", 0, "v1 v2 v3", ""),
            (720, "chat", "resolved", 0, "", "v1 v2 v3"),
        ],
        until=1500,
    ),
    Timeline(
        "TestResolvedFilter: one way tells ends, the other does not",
        f"{FIVE}, {TWICE}",
        [
            (60, fires("v1")),
            (60, fires("v2", until=660)),
            (180, fires("v1", since=60, until=240)),
            (180, fires("v3")),
            (480, fires("v3", since=180)),
        ],
        [
            (120, "phone", "raised", 0, "v1 v2", ""),
            (420, "phone", "updated", 0, "v2 v3", "v1"),
            (720, "phone", "updated", 0, "v3", "v2"),
            (120, "pager", "raised", 0, "v1 v2", ""),
            (420, "pager", "updated", 0, "v2 v3", ""),
        ],
        until=800,
    ),
    Timeline(
        "TestResolvedFilter: where ends are not told, one that fires again is no news",
        f"{AT_ONCE}, repeat_interval: 4h, send_resolved: false",
        [(0, fires("a1")), (0, fires("a2")), (70, {"ends": "a1"}), (130, fires("a1"))],
        [(0, "chat", "raised", 0, "a1 a2", "")],
        until=400,
    ),
    Timeline(
        "TestResolvedFilter: where ends are not told, and the rest is hushed, nothing is sent",
        "group_by: [], group_wait: 0s, group_interval: 1m, repeat_interval: 4h,"
        " send_resolved: false",
        [
            (0, fires("a1")),
            (0, fires("a2", "information")),
            (30, silenced("information", until=600)),
            (40, {"ends": "a1"}),
        ],
        [(0, "chat", "raised", 0, "a1 a2", ""), (600, "chat", "updated", 0, "a2", "")],
        until=650,
    ),
    Timeline(
        "TestResolvedFilter: where ends are not told, one has left once it was looked at",
        "group_by: [], group_wait: 0s, group_interval: 1m, repeat_interval: 4h,"
        " send_resolved: false",
        [
            (0, fires("a1")),
            (0, fires("a2", "information")),
            (10, {"ends": "a1"}),
            (70, silenced("information", until=200)),
        ],
        [(0, "chat", "raised", 0, "a1 a2", "")],
        until=400,
    ),
    Timeline(
        "TestReload: the first is not told twice; our timers go on",
        "group_by: [], group_wait: 1m, group_interval: 6m, repeat_interval: 10h",
        [(60, fires("t1")), (240, fires("t2", "other"))],
        [(120, "chat", "raised", 0, "t1", ""), (480, "chat", "updated", 0, "t1 t2", "")],
        until=600,
    ),
    Timeline(
        "TestDedupStageNeedsUpdate: what began and ended again since its end was told",
        f"{MINUTE}, repeat_interval: 4h",
        [
            (0, fires("a1")),
            (0, fires("a2")),
            (70, {"ends": "a2"}),
            (130, fires("a2")),
            (140, {"ends": "a2"}),
        ],
        [(60, "chat", "raised", 0, "a1 a2", ""), (120, "chat", "updated", 0, "a1", "a2")],
        until=400,
    ),
)

MUTED = (
    Timeline(
        "TestSilencing: a silence that is to come",
        f"{ALL_IN_ONE}, repeat_interval: 1s",
        [
            (60, fires("t1")),
            (60, fires("t2", "other")),
            (
                138,
                silenced("safety", since=150, until=270),
            ),
        ],
        [
            (120, "chat", "raised", 0, "t1 t2", ""),
            (180, "chat", "repeated", 0, "t2", ""),
            (240, "chat", "repeated", 0, "t2", ""),
            (300, "chat", "updated", 0, "t1 t2", ""),
        ],
        until=310,
    ),
    Timeline(
        "TestCalcSilenceState: pending, active, expired",
        f"{MINUTE}, repeat_interval: 1s",
        [(60, fires("t")), (70, silenced("safety", since=130, until=250))],
        [(120, "chat", "raised", 0, "t", ""), (300, "chat", "repeated", 0, "t", "")],
        until=310,
    ),
    Timeline(
        "TestSilenceDelete: a silence of all that have the label, taken back",
        f"{ALL_IN_ONE}, repeat_interval: 1s",
        [
            (60, fires("t1")),
            (60, fires("t2", "other")),
            (
                78,
                {
                    "silences": {
                        "id": 1,
                        "matches": {"topic": {"not": ""}},
                        "since": 90,
                        "until": 6000,
                    }
                },
            ),
            (210, {"unsilences": 1}),
        ],
        [(240, "chat", "raised", 0, "t1 t2", "")],
        until=250,
    ),
    Timeline(
        "TestDedup_MutedAlertVanishesFromNflog: and is told anew",
        f"{ALL_IN_ONE}, repeat_interval: 5m",
        [
            (0, fires("a")),
            (0, fires("b", "other")),
            (90, silenced("safety", until=400)),
        ],
        [
            (60, "chat", "raised", 0, "a b", ""),
            (360, "chat", "repeated", 0, "b", ""),
            (420, "chat", "updated", 0, "a b", ""),
        ],
        until=500,
    ),
    Timeline(
        "TestDedup_NoResolvedNotificationForMutedAlert: ours is told when it may be",
        f"{ALL_IN_ONE}, repeat_interval: 4h",
        [
            (0, fires("a")),
            (90, silenced("safety", until=400)),
            (100, {"ends": "a"}),
        ],
        [(60, "chat", "raised", 0, "a", ""), (420, "chat", "resolved", 0, "", "a")],
        until=500,
    ),
    Timeline(
        "TestDedup_MutedAlertBreaksNotificationSequence: ours is no new group",
        f"{ALL_IN_ONE}, repeat_interval: 4h",
        [
            (0, silenced("safety", until=150)),
            (0, fires("a")),
            (0, fires("b", "other")),
            (70, {"ends": "b"}),
        ],
        [
            (60, "chat", "raised", 0, "b", ""),
            (120, "chat", "updated", 0, "", "b"),
            (180, "chat", "updated", 0, "a", ""),
        ],
        until=300,
    ),
    Timeline(
        "TestSetNotifies_NoWriteWhenNothingIsNotified: a repeat is counted from what was told",
        "group_by: [], group_wait: 0s, group_interval: 5m, repeat_interval: 1h",
        [
            (0, silenced("other", until=9000)),
            (0, fires("a")),
            (0, fires("b", "other")),
        ],
        [(0, "chat", "raised", 0, "a", ""), (3600, "chat", "repeated", 0, "a", "")],
        until=4000,
    ),
    Timeline(
        "TestTimeMuteStage: hours that begin while the group waits",
        f"{MINUTE}, repeat_interval: 4h, routes: [{{mute: [noon]}}]",
        [(7170, fires("a1"))],
        [(10_830, "chat", "raised", 0, "a1", "")],
        until=10_850,
    ),
    Timeline(
        "TestTimeMuteStage: what was looked at in muted hours waits for the next look",
        f"{AT_ONCE}, repeat_interval: 4h, routes: [{{mute: [noon]}}]",
        [(10_790, fires("a1")), (10_805, fires("a2"))],
        [(10_850, "chat", "raised", 0, "a1 a2", "")],
        until=10_900,
    ),
    Timeline(
        "TestTimeMuteStage: the hours of a way are not those of the ways below it",
        f"{AT_ONCE}, repeat_interval: 4h,"
        " routes: [{mute: [tea], routes: [{when: {topic: safety}}]}]",
        [(310, fires("a1")), (310, fires("a2", "other"))],
        [(310, "chat", "raised", 0, "a1", ""), (610, "chat", "raised", 0, "a2", "")],
        until=650,
    ),
    Timeline(
        "TestInhibiting",
        DOWN,
        [
            (60, fires("test", kind="hot_topic", lang="ru")),
            (60, fires("aa", lang="ru")),
            (60, fires("ab", "other", lang="ru")),
            (132, fires("job", kind="spike", lang="ru")),
            (216, {"ends": "job"}),
        ],
        [
            (120, "chat", "raised", 0, "aa ab test", ""),
            (180, "chat", "updated", 0, "ab job test", ""),
            (240, "chat", "updated", 0, "aa ab test", "job"),
        ],
        until=250,
    ),
    Timeline(
        "TestAlwaysInhibiting: source and target that end together are both told",
        DOWN,
        [
            (60, fires("target", lang="ru")),
            (60, fires("source", kind="spike", lang="ru")),
            (156, {"ends": "source"}),
            (156, {"ends": "target"}),
        ],
        [
            (120, "chat", "raised", 0, "source", ""),
            (180, "chat", "resolved", 0, "", "source target"),
        ],
        until=250,
    ),
    Timeline(
        "TestInhibit: what comes at one instant is inhibited at it, in whatever order",
        "group_by: [kind], group_wait: 0s, group_interval: 1m, repeat_interval: 4h,"
        " inhibit: [{source: {kind: spike}, target: {kind: case}, equal: [clock]}]",
        [(0, fires("target")), (0, fires("source", kind="spike")), (70, {"ends": "source"})],
        [
            (0, "chat", "raised", 0, "source", ""),
            (120, "chat", "raised", 0, "target", ""),
            (120, "chat", "resolved", 0, "", "source"),
        ],
        until=200,
    ),
)

GROUPED = (
    Timeline(
        "TestAggrGroup: in batches, and empty once all have ended",
        "group_by: [topic], group_wait: 1m, group_interval: 18s, repeat_interval: 1s",
        [
            (0, fires("a1")),
            (0, fires("a2", since=-1200)),
            (1, fires("a3")),
            (40, {"ends": "a1"}),
            (60, {"ends": "a2"}),
            (61, {"ends": "a3"}),
        ],
        [
            (0, "chat", "raised", 0, "a1 a2", ""),
            (18, "chat", "updated", 0, "a1 a2 a3", ""),
            (36, "chat", "repeated", 0, "a1 a2 a3", ""),
            (54, "chat", "updated", 0, "a2 a3", "a1"),
            (72, "chat", "resolved", 0, "", "a2 a3"),
        ],
        until=200,
    ),
    Timeline(
        "TestAggrGroup: one that is refreshed began when it first did, and has waited long enough",
        f"{MINUTE}, repeat_interval: 4h",
        [(0, fires("a1", since=-30)), (40, fires("a1"))],
        [(40, "chat", "raised", 0, "a1", "")],
        until=200,
    ),
    Timeline(
        "TestGroups",
        "group_by: [matter], group_wait: 0s, group_interval: 1m, repeat_interval: 4h, routes: ["
        "{when: {severity: low}, channel: testing, group_by: [matter, source]},"
        f" {{when: {{severity: critical}}, channel: prod, {CLUSTERS}, continue: true}},"
        f" {{when: {{clock: ack}}, channel: kafka, {CLUSTERS}}}]",
        [
            (0, fires("other", matter="OtherAlert", source="dd")),
            (0, fires("inst1", matter="TestingAlert", severity="low", source="api")),
            (0, fires("aa1", matter="HighErrorRate", severity="critical", source="api")),
            (0, fires("aa2", matter="HighErrorRate", severity="critical", source="api")),
            (0, fires("bb1", "other", matter="HighErrorRate", severity="critical", source="api")),
            (0, fires("slow", "other", matter="HighLatency", severity="critical", clock="ack")),
        ],
        [
            (0, "chat", "raised", 0, "other", ""),
            (0, "testing", "raised", 0, "inst1", ""),
            (0, "prod", "raised", 0, "aa1 aa2", ""),
            (0, "prod", "raised", 0, "bb1", ""),
            (0, "prod", "raised", 0, "slow", ""),
            (0, "kafka", "raised", 0, "slow", ""),
        ],
        until=30,
    ),
    Timeline(
        "TestGroupLabels: a label that an alert lacks is empty",
        "group_by: [clock, lang], group_wait: 0s, group_interval: 1m, repeat_interval: 4h",
        [(0, fires("a1")), (0, fires("a2", "other")), (0, fires("a3", lang="ru"))],
        [(0, "chat", "raised", 0, "a1 a2", ""), (0, "chat", "raised", 0, "a3", "")],
        until=30,
    ),
    Timeline(
        "TestInheritParentGroupByAll",
        'group_by: ["..."], group_wait: 0s, group_interval: 1m, repeat_interval: 4h, routes: ['
        "{when: {kind: case}}, {when: {kind: spike}, group_by: [topic]}]",
        [
            (0, fires("a1")),
            (0, fires("a2", severity="critical")),
            (0, fires("a3", kind="spike")),
            (0, fires("a4", kind="spike", severity="critical")),
        ],
        [
            (0, "chat", "raised", 0, "a1", ""),
            (0, "chat", "raised", 0, "a2", ""),
            (0, "chat", "raised", 0, "a3 a4", ""),
        ],
        until=30,
    ),
    Timeline(
        "TestDispatcherRaceOnFirstAlertNotDeliveredWhenGroupWaitIsZero",
        "group_by: [matter], group_wait: 0s, group_interval: 1h, repeat_interval: 1h",
        [(0, fires(f"a{n}", matter=f"m{n}", since=-60)) for n in range(30)],
        [(0, "chat", "raised", 0, f"a{n}", "") for n in range(30)],
        until=60,
    ),
    Timeline(
        "TestRouteMatch: a way that goes on does so from its children, too",
        f"{AT_ONCE}, repeat_interval: 4h, routes: ["
        "{when: {kind: case}, continue: true, routes: ["
        "{when: {topic: safety}, channel: phone, continue: true},"
        " {when: {severity: critical}, channel: pager}]},"
        " {when: {kind: {not: spike}}, channel: desk}, {channel: never}]",
        [(0, fires("a1", severity="critical")), (0, fires("a2", "other"))],
        [
            (0, "phone", "raised", 0, "a1", ""),
            (0, "pager", "raised", 0, "a1", ""),
            (0, "desk", "raised", 0, "a1", ""),
            (0, "chat", "raised", 0, "a2", ""),
            (0, "desk", "raised", 0, "a2", ""),
        ],
        until=30,
    ),
    Timeline(
        "TestRouteMatch: two ways to one channel are two calls",
        f"{AT_ONCE}, repeat_interval: 4h, routes: [{{continue: true}}, {{group_by: [kind]}}]",
        [(0, fires("a1"))],
        [(0, "chat", "raised", 0, "a1", ""), (0, "chat", "raised", 0, "a1", "")],
        until=30,
    ),
    Timeline(
        "TestAlertsPut: with other labels it is another alert, and both end with their case",
        f"{MINUTE}, repeat_interval: 4h",
        [(0, fires("a1")), (30, fires("a1", "other")), (100, {"ends": "a1"})],
        [
            (60, "chat", "raised", 0, "a1", ""),
            (90, "chat", "raised", 0, "a1", ""),
            (120, "chat", "resolved", 0, "", "a1"),
            (150, "chat", "resolved", 0, "", "a1"),
        ],
        until=400,
    ),
)
CASES = (*SENT, *MUTED, *GROUPED)

"""The one screen for the promises: alive, now, goal, who, flow (metrics.md 4)."""

from deploy.observe.panels import Board, Panel, Query, Row, choice, variable

_WHO = 'brand=~"$brand", team=~"$team"'
_FIRST = f'clock="first_response", bound!="target", period="$period", {_WHO}'


def _open(state: str) -> str:
    return f'max without (pod, instance) (otklik_open_clocks{{state="{state}", {_WHO}}})'


def _attained(at: str, part: str) -> str:
    series = f'otklik_attainment_tickets{{at="{at}", part="{part}", {_FIRST}}}'
    return f"sum by (bound) (max without (pod, instance) ({series}))"


def _share(at: str) -> str:
    return f"{_attained(at, 'within')} / {_attained(at, 'all')}"


_GOAL = 'max by (bound) (otklik_attainment_goal_ratio{clock="first_response", bound!="target"})'
_SILENT = (
    "count(time() - max by (brand, source) (otklik_source_last_event_timestamp_seconds)"
    " > max by (brand, source) (otklik_source_expected_interval_seconds)) or vector(0)"
)
_LAG = "max by (service, topic) (otklik_lag_seconds)"

_ALIVE = Row(
    "Alive? Where this is red, distrust the rest",
    (
        Panel(
            "Canary age",
            "Since when a post of our own, one a minute, has last passed each hop.",
            "s",
            (Query("time() - max by (hop) (otklik_canary_timestamp_seconds)", "{{hop}}"),),
            kind="stat",
            wide=8,
            red_from=300,
            yellow_from=120,
            empty="no canary has passed",
            runbook="OtklikCanaryLost",
        ),
        Panel(
            "Age of the figures",
            "Since when SQL was asked last; from three minutes on what stands below is old.",
            "s",
            (Query("time() - max(otklik_facts_timestamp_seconds)"),),
            kind="stat",
            wide=4,
            red_from=180,
            empty="nobody exports figures",
            runbook="OtklikFiguresAreOld",
        ),
        Panel(
            "Oldest alert on its way",
            "How long the alert waits that no channel has taken.",
            "s",
            (Query("max(otklik_alert_oldest_pending_seconds)"),),
            kind="stat",
            wide=4,
            red_from=120,
            yellow_from=30,
            runbook="OtklikAlertsReachNobody",
        ),
        Panel(
            "Silent sources",
            "Sources that were last heard longer ago than is usual for them.",
            "short",
            (Query(_SILENT),),
            kind="stat",
            wide=4,
            red_from=1,
            runbook="OtklikSourceSilent",
        ),
        Panel(
            "Alerts held",
            "1 while somebody holds all alerts: nobody is called.",
            "short",
            (Query("max(otklik_alerts_held)"),),
            kind="stat",
            wide=4,
            red_from=1,
            runbook="OtklikAlertsHeld",
        ),
    ),
)
_NOW = Row(
    "Now",
    (
        Panel(
            "Promises broken and open",
            "Clocks past their target whose customer still waits.",
            "short",
            (Query(f"sum({_open('breached')}) or vector(0)"),),
            kind="stat",
            red_from=1,
            runbook="OtklikPromisesBurn",
        ),
        Panel(
            "At risk",
            "Clocks that have used up most of their target.",
            "short",
            (Query(f"sum({_open('at_risk')}) or vector(0)"),),
            kind="stat",
            yellow_from=1,
            runbook="OtklikPromisesBurn",
        ),
        Panel(
            "Hours without anybody",
            "Hours of the coming week in which a team that must receive has nobody on duty.",
            "h",
            (Query("sum(max by (team) (otklik_duty_gap_hours))"),),
            kind="stat",
            red_from=0.1,
            runbook="OtklikDutyGap",
        ),
        Panel(
            "Oldest unanswered over its target",
            "1 is due now, 2 is twice as long as was promised.",
            "percentunit",
            (Query(f"max(otklik_oldest_unanswered_ratio{{{_WHO}}})"),),
            kind="stat",
            yellow_from=0.75,
            red_from=1,
            empty="nobody waits",
            runbook="OtklikOldestUnanswered",
        ),
    ),
)
_PROMISED = Row(
    "Goal, actual, previous",
    (
        Panel(
            "Answered within 1 h, 6 h, 24 h",
            "Wall time from the post to the first answer of a person. Open ones count as soon as"
            " they have waited for longer. Gap: actual less goal.",
            "percentunit",
            (
                Query(_GOAL, "goal {{bound}}", "goal"),
                Query(_share("actual"), "actual {{bound}}", "actual"),
                Query(_share("previous"), "previous {{bound}}", "previous"),
                Query(f"{_share('actual')} - {_GOAL}", "gap {{bound}}", "gap"),
            ),
            kind="table",
            wide=16,
            high=8,
        ),
        Panel(
            "Of how many",
            "All that were answered, or have waited for longer than the bound.",
            "short",
            (Query(_attained("actual", "all"), "{{bound}}", "all"),),
            kind="table",
            wide=8,
            high=8,
        ),
    ),
)
_BY = "by (brand, team)"
_TEAMS = Row(
    "Who",
    (
        Panel(
            "Brands and teams",
            "Broken and at risk now, and how much of its target the oldest one has used.",
            "short",
            (
                Query(f"sum {_BY} ({_open('breached')})", "", "broken"),
                Query(f"sum {_BY} ({_open('at_risk')})", "", "at_risk"),
                Query(f"max {_BY} (otklik_oldest_unanswered_ratio{{{_WHO}}})", "", "oldest"),
            ),
            kind="table",
            wide=12,
            high=8,
            empty="nothing is open",
        ),
        Panel(
            "Open cases by age",
            "Cases that are not closed, by how long ago they began.",
            "short",
            (
                Query(
                    f"sum by (age) (max without (pod, instance) (otklik_open_tickets{{{_WHO}}}))",
                    "{{age}}",
                ),
            ),
            wide=12,
            high=8,
        ),
    ),
)
_FLOW = Row(
    "Flow",
    (
        Panel(
            "Verdicts an hour",
            "Promises kept and broken.",
            "short",
            (
                Query(
                    f"sum by (verdict) (increase(otklik_sla_verdicts_total{{{_WHO}}}[1h]))",
                    "{{verdict}}",
                ),
            ),
            wide=8,
        ),
        Panel(
            "Answer times, answered only",
            "Wall time from the post to the answer; whoever still waits is not in it.",
            "s",
            (
                Query(
                    'sum by (le) (increase(otklik_response_seconds_bucket{time="wall",'
                    f" {_WHO}}}[$__rate_interval]))",
                    "{{le}}",
                ),
            ),
            kind="heatmap",
            wide=8,
        ),
        Panel(
            "How far behind",
            "Age of the last record that was worked on, while others wait.",
            "s",
            (Query(_LAG, "{{service}} {{topic}}"),),
            wide=8,
            red_from=60,
            runbook="OtklikLagGrows",
        ),
        Panel(
            "Put aside",
            "Records that could not be understood; kept, and not worked on.",
            "short",
            (
                Query(
                    "sum by (service, reason) (increase(otklik_dead_letters_total[1h]))",
                    "{{service}} {{reason}}",
                ),
            ),
            wide=12,
            red_from=1,
            runbook="OtklikDeadLetters",
        ),
        Panel(
            "From alert to phone, p95",
            "From the decision to the provider's yes.",
            "s",
            (
                Query(
                    "histogram_quantile(0.95, sum by (le, channel)"
                    " (rate(otklik_alert_delivery_seconds_bucket[1h])))",
                    "{{channel}}",
                ),
            ),
            wide=12,
            red_from=30,
            runbook="OtklikAlertsReachNobody",
        ),
    ),
)
PROMISES = Board(
    "otklik-promises",
    "Otklik: promises",
    "What was promised, what was kept, who waits.",
    (_ALIVE, _NOW, _PROMISED, _TEAMS, _FLOW),
    (
        variable("brand", "otklik_open_tickets"),
        variable("team", "otklik_open_tickets"),
        choice("period", "24h", "30d"),
    ),
)

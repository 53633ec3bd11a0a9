"""The screen of the pipeline: what comes in, how fast each stage is, what stands still."""

from deploy.observe.panels import Board, Panel, Query, Row

_RATE = "[$__rate_interval]"


def _p95(histogram: str, by: str) -> str:
    return f"histogram_quantile(0.95, sum by (le, {by}) (rate({histogram}_bucket{_RATE})))"


_INGRESS = Row(
    "What comes in",
    (
        Panel(
            "Requests by outcome",
            "Answered a second; `unavailable` is sent again by the platform, `auth` is nobody's.",
            "reqps",
            (Query(f"sum by (outcome) (rate(otklik_requests_total{_RATE}))", "{{outcome}}"),),
            wide=8,
            runbook="OtklikRefusesPosts",
        ),
        Panel(
            "Posts by source",
            "Posts a second that the broker has.",
            "cps",
            (Query(f"sum by (source) (rate(otklik_posts_total{_RATE}))", "{{source}}"),),
            wide=8,
            runbook="OtklikSourceSilent",
        ),
        Panel(
            "From posted to received, p95",
            "How late a source tells us.",
            "s",
            (Query(_p95("otklik_source_delay_seconds", "source"), "{{source}}"),),
            wide=8,
        ),
        Panel(
            "Answer to a request, p95",
            "From a request's head to our answer; from 2.5 s on posts are refused.",
            "s",
            (Query(_p95("otklik_request_seconds", "source"), "{{source}}"),),
            wide=8,
            red_from=2.5,
            runbook="OtklikRefusesPosts",
        ),
        Panel(
            "Waits on disk",
            "What pollers have read and the broker has not acknowledged.",
            "bytes",
            (Query("max by (source) (otklik_spool_bytes)", "{{source}}"),),
            wide=8,
            runbook="OtklikRefusesPosts",
        ),
        Panel(
            "Since a polled source was read",
            "To its end, or a page on.",
            "s",
            (
                Query(
                    "time() - max by (source) (otklik_source_cursor_timestamp_seconds)",
                    "{{source}}",
                ),
            ),
            wide=8,
            runbook="OtklikSourceSilent",
        ),
    ),
)
_STAGES = Row(
    "Stages",
    (
        Panel(
            "Records a second",
            "Read by each service.",
            "cps",
            (
                Query(
                    f'sum by (service) (rate(otklik_records_total{{direction="in"}}{_RATE}))',
                    "{{service}}",
                ),
            ),
            wide=8,
        ),
        Panel(
            "From a record's arrival to its outputs, p95",
            "What each stage adds to the way from a post to its owner.",
            "s",
            (Query(_p95("otklik_stage_age_seconds", "service"), "{{service}}"),),
            wide=8,
            red_from=5,
            runbook="OtklikLagGrows",
        ),
        Panel(
            "A batch, p95",
            "From its start to its outputs acknowledged.",
            "s",
            (Query(_p95("otklik_batch_seconds", "service"), "{{service}}"),),
            wide=8,
        ),
        Panel(
            "Batches tried again",
            "An hour's: the broker or the database did not answer.",
            "short",
            (
                Query(
                    "sum by (service) (increase(otklik_dependency_retries_total[1h]))",
                    "{{service}}",
                ),
            ),
            wide=8,
        ),
        Panel(
            "Types from the future",
            "An hour's records that a newer build writes and this one skips.",
            "short",
            (
                Query(
                    "sum by (service) (increase(otklik_unknown_types_total[1h]))",
                    "{{service}}",
                ),
            ),
            wide=8,
        ),
        Panel(
            "The database's share, p95",
            "A step's transaction.",
            "s",
            (Query(_p95("otklik_store_seconds", "service"), "{{service}}"),),
            wide=8,
        ),
        Panel(
            "Records that wait",
            "Not worked on yet, by topic.",
            "short",
            (
                Query(
                    "max by (service, topic) (otklik_lag_records)",
                    "{{service}} {{topic}}",
                ),
            ),
            wide=8,
            runbook="OtklikLagGrows",
        ),
        Panel(
            "Since the last progress",
            "Seconds since a commit, or an empty poll with nothing left.",
            "s",
            (
                Query(
                    "time() - min by (service) (otklik_progress_timestamp_seconds)",
                    "{{service}}",
                ),
            ),
            wide=8,
            red_from=120,
            runbook="OtklikStandsStill",
        ),
        Panel(
            "Events that wait for the broker",
            "Decided, stored, not acknowledged yet.",
            "short",
            (Query("max by (service) (otklik_outbox_pending)", "{{service}}"),),
            wide=8,
        ),
        Panel(
            "Partitions that stand still",
            "By reason; they do not go on by themselves.",
            "short",
            (
                Query(
                    "max by (service, reason) (otklik_flow_stopped)",
                    "{{service}} {{reason}}",
                ),
            ),
            wide=8,
            red_from=1,
            runbook="OtklikFlowStopped",
        ),
        Panel(
            "Assignments of partitions",
            "How often a group shared its work out anew.",
            "short",
            (Query("sum by (service) (increase(otklik_rebalances_total[1h]))", "{{service}}"),),
            wide=8,
        ),
        Panel(
            "Files that are refused",
            "0 while the newest file is not the one that runs.",
            "short",
            (
                Query(
                    "min by (service, file) (otklik_config_ok)",
                    "{{service}} {{file}}",
                ),
            ),
            wide=8,
            runbook="OtklikConfigRefused",
        ),
    ),
)
_CHANNELS = Row(
    "Calls",
    (
        Panel(
            "Attempts by channel",
            "An hour's attempts to hand an alert over.",
            "short",
            (
                Query(
                    "sum by (channel, outcome) (increase(otklik_alert_attempts_total[1h]))",
                    "{{channel}} {{outcome}}",
                ),
            ),
            wide=8,
            runbook="OtklikChannelFails",
        ),
        Panel(
            "Alerts by kind",
            "An hour's alerts that a channel has taken, by what they are about.",
            "short",
            (
                Query(
                    'sum by (kind) (increase(otklik_alerts_total{outcome="delivered"}[1h]))',
                    "{{kind}}",
                ),
            ),
            wide=8,
        ),
        Panel(
            "Channels that are left alone",
            "1 while a channel fails and waits for its probe.",
            "short",
            (Query("max by (channel) (otklik_alert_breaker_open)", "{{channel}}"),),
            wide=8,
            red_from=1,
            runbook="OtklikChannelFails",
        ),
    ),
)
PIPELINE = Board(
    "otklik-pipeline",
    "Otklik: pipeline",
    "From a request to a ticket, a clock and a call: how fast, and what stands still.",
    (_INGRESS, _STAGES, _CHANNELS),
)

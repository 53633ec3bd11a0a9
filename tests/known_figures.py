"""What a pencil says of the known day: every figure of its report, and no other."""

Shown = dict[tuple[str, ...], tuple[float, float | None]]
"""Of each figure, by its labels but the brand: the part, and the whole."""

KNOWN: dict[str, Shown] = {
    "attainment": {
        ("care", "service", "first_response"): (500, 1500),
        ("fraud", "service", "first_response"): (2000, 2500),
        ("fraud", "marketing", "first_response"): (500, 500),
    },
    "answered_within": {
        (team, role, "first_response", time, bound): counts
        for time in ("wall", "working")
        for team, role, bound, counts in (
            ("care", "service", "1h", (500, 1500)),
            ("care", "service", "6h", (1000, 1500)),
            ("care", "service", "24h", (1000, 1500)),
            ("fraud", "service", "1h", (2000, 2500)),
            ("fraud", "service", "6h", (2000, 2500)),
            ("fraud", "service", "24h", (2500, 2500)),
            ("fraud", "marketing", "1h", (500, 500)),
            ("fraud", "marketing", "6h", (500, 500)),
            ("fraud", "marketing", "24h", (500, 500)),
        )
    },
    "response_time": {
        (team, role, "first_response", time, share): (60 * minutes, None)
        for time in ("wall", "working")
        for team, role, share, minutes in (
            ("care", "service", "p50", 30),
            ("care", "service", "p90", 90),
            ("care", "service", "p95", 90),
            ("fraud", "service", "p50", 30),
            ("fraud", "service", "p90", 420),
            ("fraud", "service", "p95", 420),
            ("fraud", "marketing", "p50", 45),
            ("fraud", "marketing", "p90", 45),
            ("fraud", "marketing", "p95", 45),
        )
    },
    "answers_by_time": {
        (time, up_to): (count, None)
        for time in ("wall", "working")
        for up_to, count in (
            ("5m", 500),
            ("15m", 500),
            ("30m", 1000),
            ("1h", 1000),
            ("2h", 500),
            ("6h", 0),
            ("24h", 500),
            ("longer", 0),
        )
    },
    "posts": {
        ("telegram", "marketing"): (250, None),
        ("telegram", "service"): (1000, None),
        ("vk", "marketing"): (250, None),
        ("vk", "service"): (4500, None),
    },
    "new_source": {("telegram",): (1250, None)},
    "opened": {
        ("care", "service"): (2000, None),
        ("fraud", "service"): (2500, None),
        ("fraud", "marketing"): (500, None),
    },
    "handled": {
        ("care", "service"): (1000, None),
        ("fraud", "service"): (2500, None),
        ("fraud", "marketing"): (500, None),
    },
    "handled_by_topic": {("other",): (4000, None)},
    "handled_by_source": {("telegram",): (750, None), ("vk",): (3250, None)},
    "closed": {("care", "service"): (1500, None), ("fraud", "service"): (500, None)},
    "backlog": {
        ("care", "24h"): (500, None),
        ("fraud", "24h"): (2500, None),
        ("care", "older"): (10, None),
    },
    "handling_time": {
        ("care", "p50"): (3600, None),
        ("care", "p90"): (7200, None),
        ("care", "p95"): (7200, None),
        **{("fraud", share): (600, None) for share in ("p50", "p90", "p95")},
    },
    "dispositions": {("answer_here",): (5000, 6000), ("listen",): (1000, 6000)},
    "answered_posts": {(): (4100, 6000)},
    "stepped_in": {(): (100, 1000)},
    "tones": {("negative",): (1650, 6000), ("indifferent",): (4350, 6000)},
    "marketing_requests": {(): (500, 5000)},
    "hand_over_time": {("marketing", share): (1200, None) for share in ("p50", "p90", "p95")},
    "unanswered_requests": {("older",): (1000, None)},
    "unanswered_share": {(): (1000, 5000)},
    "outcomes": {
        ("care", "thanked"): (500, 1500),
        ("care", "angrier"): (500, 1500),
        ("care", "silent"): (500, 1500),
        ("fraud", "silent"): (500, 500),
    },
    "quick_and_solved": {("care",): (500, 2000), ("fraud",): (500, 1000)},
    "negative_turned": {("care",): (500, 1000), ("fraud",): (0, 500)},
    "crisis_tone": {
        ("outage_availability", "during"): (150, 200),
        ("outage_availability", "after"): (10, 40),
    },
    "resolved_in_channel": {("care",): (500, 1000), ("fraud",): (500, 500)},
    "tone_before_after": {
        ("negative", "positive"): (500, None),
        ("negative", "negative"): (500, None),
        ("negative", ""): (500, None),
        ("indifferent", ""): (2500, None),
    },
    "reply_quality": {("care",): (1500, 2000), ("fraud",): (5500, 6000)},
    "reply_check": {("empathy",): (500, 4000), ("same_channel",): (500, 4000)},
    "redirects": {("care",): (500, 1000), ("fraud",): (0, 3000)},
    "corrected": {
        (lang, axis): (count if axis == "disposition" else 0, whole)
        for lang, count, whole in (("ru", 167, 1667), ("bg", 167, 1667), ("en", 166, 1666))
        for axis in ("disposition", "urgency")
    },
}

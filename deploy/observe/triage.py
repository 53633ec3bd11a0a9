"""The screen of triage: what customers say, what is made of it, what people change."""

from deploy.observe.panels import Board, Panel, Query, Row, variable

_BRAND = 'brand=~"$brand"'


def _hour(metric: str, by: str) -> Query:
    return Query(f"sum by ({by}) (increase({metric}{{{_BRAND}}}[1h]))", f"{{{{{by}}}}}")


_SAID = Row(
    "What is said",
    (
        Panel(
            "Tones",
            "Posts an hour by their tone.",
            "short",
            (_hour("otklik_classified_total", "tone"),),
            wide=8,
        ),
        Panel(
            "Languages",
            "Posts an hour by their language.",
            "short",
            (_hour("otklik_classified_total", "lang"),),
            wide=8,
        ),
        Panel(
            "Urgency",
            "Posts an hour by their band of urgency, 3 is now.",
            "short",
            (_hour("otklik_classified_total", "band"),),
            wide=8,
        ),
    ),
)
_MADE = Row(
    "What is made of it",
    (
        Panel(
            "Dispositions",
            "Decisions an hour: answered, listened to, left alone.",
            "short",
            (_hour("otklik_decisions_total", "disposition"),),
            wide=8,
        ),
        Panel(
            "Cases opened",
            "New cases an hour by priority.",
            "short",
            (_hour("otklik_tickets_opened_total", "priority"),),
            wide=8,
        ),
        Panel(
            "What people command",
            "Commands an hour; `override` is a judgement that a person put right.",
            "short",
            (Query("sum by (command) (increase(otklik_commands_total[1h]))", "{{command}}"),),
            wide=8,
        ),
        Panel(
            "What people put right",
            "Judgements an hour that a person changed, by what was changed and in which language.",
            "short",
            (
                Query(
                    'sum by (axis, lang) (increase(otklik_corrections_total{brand=~"$brand"}[1h]))',
                    "{{axis}} {{lang}}",
                ),
            ),
            wide=8,
        ),
    ),
)
TRIAGE = Board(
    "otklik-triage",
    "Otklik: triage",
    "What customers say, what is made of it, and what people change.",
    (_SAID, _MADE),
    (variable("brand", "otklik_decisions_total"),),
)

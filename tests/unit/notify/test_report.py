"""The report: goal, actual and previous, three numbers that are never mixed up (K1).

The inputs that break the easy version: a team that had cases only in the other period; a share of
nothing; a brand called `=HYPERLINK(...)` or `<script>`; a reader of one brand; a figure that is to
be at most so much; bounds of 9h and 24h, of which the text `24h` sorts first.
"""

import csv
import io
import json
import re

import pytest

from schemas.states import Axis, ClockName, Outcome
from schemas.vocabulary import CaseTopic, ChannelRole, Disposition, Tone
from services.notify.__main__ import main
from services.notify.domain.figures import BadPeriod, read_period
from services.notify.domain.report import SECONDS, SORTS, Figure, Found, Report, report
from services.notify.domain.spread import LONGER
from services.notify.reports.files import as_csv, as_json
from services.notify.reports.page import page
from services.notify.reports.table import table
from services.notify.reports.words import Language, words
from services.notify.settings import bounds_of, goals_of, goals_of_figures, read, wanted
from services.notify.store.counting import OLDER
from stream.settings import BadSettings

DAY, BEFORE = read_period("2026-03-02"), read_period("2026-03-01")
PROMISED = read(
    {"GOALS": '{"first_response": 65}', "BOUND_GOALS": '{"9h": 80}', "CEILINGS": '{"redirects": 1}'}
)


def kept(part: float, whole: float, team: str = "care", brand: str = "acme") -> Figure:
    at = {"brand": brand, "team": team, "role": "service", "clock": "first_response"}
    return Figure(name="attainment", at=tuple(at.items()), part=part, whole=whole)


def counted(name: str, part: float, whole: float | None = None, **at: str) -> Figure:
    return Figure(name=name, at=(("brand", "acme"), *at.items()), part=part, whole=whole)


def made(*found: Figure, before: tuple[Figure, ...] = ()) -> Report:
    counted = Found(as_of=None, figures=found)
    return report(DAY, counted, BEFORE, before, goals_of_figures(PROMISED))


def test_the_gap_is_value_minus_goal_and_previous_without_data_is_no_zero() -> None:
    care, night = made(kept(41, 100), kept(0, 0, "night"), before=(kept(11, 20),)).lines

    assert (care.goal, care.value, care.previous) == (65, 41.0, 55.0)
    assert (care.gap, care.change, care.kept) == (-24.0, -14.0, False)
    assert (night.value, night.previous, night.gap, night.kept) == (None, None, None, None)


def test_what_is_to_be_at_most_is_kept_below_and_at_its_goal() -> None:
    few, many = (
        made(counted("redirects", part, 10, team="care")).lines[0].kept for part in (10, 11)
    )

    assert (few, many) == (True, False)


def test_what_was_counted_only_in_the_other_period_is_none_now() -> None:
    gone = made(
        before=(
            kept(1, 2, "night"),
            counted("opened", 7, team="night", role="service"),
            counted("new_source", 3, source="vk"),
            counted("handling_time", 60, team="night", share="p50"),
        )
    )

    share, opened = gone.lines
    assert (share.value, share.previous) == (None, 50.0)
    assert (opened.value, opened.previous, opened.change) == (0, 7, -7)


def test_lines_stand_in_the_order_of_figures_and_times_in_that_of_their_length() -> None:
    ages = [counted("backlog", 1, team="care", age=age) for age in ("24h", "6h", "older", "1h")]

    found = made(*ages, kept(1, 2))

    assert [line.figure for line in found.lines] == ["attainment", *["backlog"] * 4]
    assert [line.at["age"] for line in found.of("backlog")] == ["1h", "6h", "24h", "older"]


def test_a_table_is_aligned_and_leaves_out_columns_in_which_nothing_stands() -> None:
    told = table(made(kept(41, 100), before=(kept(11, 20),)), words(Language.en)).splitlines()

    assert told[0].startswith("Report 2026-03-02, compared with 2026-03-01, as of -")
    shown = "acme care service first answer 41.0 % 41/100 55.0 % -14.0 points 65.0 % -24.0 points"
    assert " ".join(told[-1].split()) == shown
    plain = table(made(counted("opened", 3, team="care", role="service")), words(Language.en))
    assert plain.splitlines()[-2].split() == ["brand", "team", "channel", "value"]


@pytest.mark.parametrize("lang", Language)
def test_a_period_without_figures_says_so(lang: Language) -> None:
    assert words(lang).nothing in table(made(), words(lang))
    assert words(lang).nothing in page(made(), words(lang), lang)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0 s"),
        (59.6, "1 min"),
        (3600, "1 h"),
        (93_784, "1 d 2 h"),
    ],
)
def test_a_time_is_told_in_its_two_largest_parts(seconds: float, shown: str) -> None:
    assert words(Language.en).shown(seconds, SECONDS) == shown


def test_numbers_are_written_as_the_language_does() -> None:
    assert words(Language.en).shown(41.25, "percent") == "41.2 %"
    assert words(Language.ru).shown(41.25, "percent", signed=True) == "+41,2 п. п."
    assert words(Language.bg).shown(-90, SECONDS, signed=True) == "-1 мин 30 с"


CLOSED_SETS: dict[str, set[str]] = {
    "clock": set(ClockName),
    "role": set(ChannelRole),
    "time": {"wall", "working"},
    "age": {OLDER},
    "up_to": {LONGER},
    "disposition": set(Disposition),
    "tone": set(Tone),
    "before": {*Tone, ""},
    "after": {*Tone, ""},
    "outcome": {*Outcome, ""},
    "when": {"during", "after"},
    "axis": set(Axis),
    "topic": set(CaseTopic),
}


@pytest.mark.parametrize("lang", Language)
def test_every_figure_and_every_closed_word_is_told_in_each_language(lang: Language) -> None:
    told = words(lang)

    assert told.figures.keys() == SORTS.keys()
    assert {sort.section for sort in SORTS.values()} == told.sections.keys()
    assert {dim for sort in SORTS.values() for dim in sort.by} <= told.dims.keys()
    for dim, values in CLOSED_SETS.items():
        assert values <= told.values[dim].keys(), dim
    assert told.values["check"].keys() == words(Language.en).values["check"].keys()


def test_two_languages_share_no_heading() -> None:
    for name in SORTS:
        assert len({words(lang).figures[name] for lang in Language}) > 1 or name == "dispositions"


def test_a_spreadsheet_calculates_nothing_of_what_a_name_says() -> None:
    evil = ("=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "care")
    found = made(*(kept(1, 4, team) for team in evil))

    rows = list(csv.DictReader(io.StringIO(as_csv(found), newline="")))

    assert {row["team"] for row in rows} == {f"'{one}" for one in evil[:-1]} | {"care"}
    assert {(row["value"], row["gap"], row["unit"]) for row in rows} == {("25", "-40", "percent")}


def test_json_and_csv_tell_the_same_figures() -> None:
    found = made(kept(1, 3), counted("opened", 3, team="care", role="service"))

    lines = json.loads(as_json(found))["lines"]
    rows = list(csv.DictReader(io.StringIO(as_csv(found), newline="")))

    assert [(line["figure"], line["part"]) for line in lines] == [
        (row["figure"], float(row["part"])) for row in rows
    ]
    assert float(rows[0]["value"]) == pytest.approx(lines[0]["value"])


@pytest.mark.parametrize("lang", Language)
def test_a_page_needs_nothing_from_elsewhere_and_runs_nothing(lang: Language) -> None:
    bound = counted(
        "answered_within", 41, 100, team="<script>alert(1)</script>", role="service",
        clock="first_response", time="wall", bound="9h",
    )  # fmt: skip

    told = page(made(bound, kept(41, 100), before=(bound,)), words(lang), lang)

    assert "<script" not in told
    assert "&lt;script&gt;alert(1)" in told
    assert not re.search(r"(?:src|href)=|url\(|https?://|@import", told)
    assert told.count("<svg") == 1
    assert words(lang).figures["attainment"] in told
    assert words(lang).shown(80, "percent") in told, "the goal is drawn beside what was reached"


def test_bars_are_as_long_as_their_shares() -> None:
    bound = counted(
        "answered_within", 1, 4, team="care", role="service",
        clock="first_response", time="wall", bound="9h",
    )  # fmt: skip

    told = page(made(bound), words(Language.en), Language.en)

    widths = re.findall(
        r'<rect class="(goal|value)" x="200" y="\d+" width="([\d.]+)" height="14"', told
    )
    assert [(name, float(width)) for name, width in widths] == [("goal", 256), ("value", 80)]


@pytest.mark.parametrize(
    ("text", "since", "until", "before"),
    [
        ("2026-03-01", "2026-03-01", "2026-03-02", "2026-02-28"),
        ("2026-12", "2026-12-01", "2027-01-01", "2026-11"),
        ("2026-01", "2026-01-01", "2026-02-01", "2025-12"),
    ],
)
def test_a_period_is_a_day_or_a_month_of_utc(
    text: str, since: str, until: str, before: str
) -> None:
    period = read_period(text)

    assert period.since.isoformat() == f"{since}T00:00:00+00:00"
    assert period.until.isoformat() == f"{until}T00:00:00+00:00"
    assert period.before().name == before


@pytest.mark.parametrize("text", ["2026", "2026-3", "2026-13", "2026-02-30", "", "1"])
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(BadPeriod, match="2026-03-02 or 2026-03"):
        read_period(text)


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("GOALS", "[]"),
        ("GOALS", '{"firts_response": 90}'),
        ("GOALS", '{"closing": 120}'),
        ("BOUND_GOALS", '{"soon": 90}'),
        ("BOUND_GOALS", '{"0h": 90}'),
        ("CEILINGS", '{"unanswered": 15}'),
        ("CEILINGS", "15"),
        ("CASES_PER_PERSON", "0"),
    ],
)
def test_wrong_goals_are_named(variable: str, text: str) -> None:
    settings = read({variable: text})

    with pytest.raises(BadSettings, match=variable):
        [of(settings) for of in (goals_of, bounds_of, goals_of_figures, wanted)]


def test_bounds_are_those_of_the_catalogue_and_the_companys_own() -> None:
    assert list(bounds_of(PROMISED)) == ["1h", "6h", "9h", "24h"]


@pytest.mark.parametrize(
    "arguments", [[], ["--period", "soon"], ["--period", "2026-03", "--compare", "x"]]
)
def test_bad_usage_of_the_command_is_one_line(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        code = main(["report", *arguments])
    except SystemExit as stopped:
        code = int(str(stopped.code))

    assert code == 2
    assert capsys.readouterr().err.count("error" if not arguments else "expected") == 1

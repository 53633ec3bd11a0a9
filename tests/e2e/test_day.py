"""The demo is the end-to-end test: a real Kafka, four processes, a day, and the same day again.

The inputs that break the easy version: three poison records, a bot, 30 customers under one post,
and a second run, on PostgreSQL, that must give the same decisions, tickets and events.
"""

import os
import re
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

from deploy.demo.script import read_day
from deploy.local import postgres
from tests.closed_sets import CLOSED, catalogue
from tests.stored import database_named

DAY = Path("deploy/demo/day.yaml")
EVENTS = Path(".run/demo/events.jsonl")
COMPARED = (
    "post_id",
    "disposition",
    "rule_id",
    "team",
    "alert",
    "ticket_id",
    "priority",
    "parts",
    "reasons",
    "sla",
    "inputs",
)
POSTS = [line for line in read_day(DAY) if line.is_post]


@dataclass(frozen=True)
class Run:
    """One run: what it printed, and its events."""

    printed: str
    events: list[dict[str, object]]

    def of(self, kind: str) -> list[dict[str, object]]:
        """The events of one type."""
        return [event for event in self.events if event["type"] == kind]


def play(**settings: str) -> Run:
    """Run the demo as a person would."""
    environment = {**os.environ, **settings}  # noqa: TID251 - a person's own environment
    done = subprocess.run(
        [sys.executable, "-m", "deploy.demo"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    lines = EVENTS.read_text(encoding="utf-8").splitlines()
    return Run(done.stdout, [msgspec.json.decode(line) for line in lines])


@pytest.fixture(scope="module")
def first() -> Run:
    return play()


@pytest.fixture(scope="module")
def second(first: Run, database_server: postgres.Server | None) -> Run:
    assert first
    return play(DATABASE_URL=database_named(database_server, "the_day"))


def test_every_post_has_exactly_one_decision(first: Run) -> None:
    decided = Counter(str(event["post_id"]) for event in first.of("Decision"))

    assert decided == Counter(line.id for line in POSTS)


def test_the_totals_add_up(first: Run) -> None:
    line = next(line for line in first.printed.splitlines() if "posts =" in line)

    found = [int(number) for number in re.findall(r"\d+", line)]

    assert found[0] == found[1] == len(POSTS)
    assert found[3:] == [0, 0, 3]
    assert "each with a reason" in line


def test_every_post_is_of_one_part(first: Run) -> None:
    line = next(line for line in first.printed.splitlines() if "that open a case" in line)

    whole, *parts = (int(number) for number in re.findall(r"\d+", line))

    assert whole == sum(parts) == len(POSTS)
    assert min(parts) > 0


def test_an_outage_of_30_posts_is_30_cases_and_one_alert(first: Run) -> None:
    outage = {line.id for line in POSTS if line.scene == "outage" and line.by != "brand"}
    tickets = {e["ticket_id"] for e in first.of("Decision") if e["post_id"] in outage}
    raised = [
        e for e in first.of("AlertChanged") if e["kind"] == "hot_topic" and e["state"] == "raised"
    ]

    assert (len(outage), len(tickets), len(raised)) == (30, 30, 1)


def test_poison_is_kept_byte_for_byte_with_its_reason(first: Run) -> None:
    letters = first.of("DeadLetter")

    assert Counter(letter["reason"] for letter in letters) == {"not_json": 2, "wrong_shape": 1}
    assert all(letter["value"] for letter in letters)


def test_five_scenes_are_told(first: Run) -> None:
    for title in ("RUDE BUT FAIR", "AN OUTAGE", "A STOLEN CARD", "A PUBLIC CLOSING", "A BOT"):
        assert title in first.printed
    assert "still open: nobody has told the public how it ended" in first.printed
    assert "the clock for a person's answer runs on" in first.printed


def test_late_promises_are_told_as_often_as_the_topics_hold_them(first: Run) -> None:
    late, lifted, calls = (
        [int(number) for number in re.findall(r"(?<![.v])\b\d+", line)]
        for line in re.findall(r"^   (?:sla|tickets|alerts)\.v1 (.*)$", first.printed, re.M)
    )

    states = Counter(event["state"] for event in first.of("SlaChanged"))
    steps = [event for event in first.of("TicketEvent") if event["change"] == "escalated"]
    cases = {event["ticket"]["id"] for event in steps}  # type: ignore[index]  # JSON
    called = [e for e in first.of("AlertChanged") if (e["kind"], e["state"]) == ("sla", "raised")]
    assert late == [states["at_risk"], states["breached"], states["corrected"]]
    assert (lifted[:2], sum(lifted[2:])) == ([len(cases), len(steps)], len(steps))
    assert calls[0] == len(called)
    assert 0 < calls[1] < calls[0] <= len(steps)


def test_the_stolen_card_was_alarmed_acknowledged_and_answered_in_time(first: Run) -> None:
    (ticket,) = {e["ticket_id"] for e in first.of("Decision") if e["post_id"] == "b002"}
    states = {e["state"] for e in first.of("AlertChanged") if ticket in e["ticket_ids"]}  # type: ignore[operator]  # JSON
    clocks = {(e["clock"], e["state"]) for e in first.of("SlaChanged") if e["ticket_id"] == ticket}

    assert {"raised", "acknowledged"} <= states
    assert {("first_response", "met"), ("closing", "met")} <= clocks


def test_a_bots_answer_stops_no_clock(first: Run) -> None:
    (ticket,) = {e["ticket_id"] for e in first.of("Decision") if e["post_id"] == "s020"}
    clocks = [e for e in first.of("SlaChanged") if e["ticket_id"] == ticket]

    assert ("first_response", "breached") in {(e["clock"], e["state"]) for e in clocks}


def test_why_prints_one_page(first: Run) -> None:
    assert first
    done = subprocess.run(
        [sys.executable, "-m", "services.route", "why", "b002", "--events", str(EVENTS)],
        capture_output=True,
        text=True,
        check=True,
    )

    assert "stolen-money" in done.stdout
    assert "Money is leaving the account" in done.stdout
    assert "acknowledged" in done.stdout


@pytest.mark.parametrize("kind", ["ClassifiedPost", "Decision"])
def test_a_second_run_gives_the_same_ids(first: Run, second: Run, kind: str) -> None:
    ids = [{str(event["event_id"]) for event in run.of(kind)} for run in (first, second)]

    assert ids[0] == ids[1]


def test_a_second_run_changes_the_same_cases_in_the_same_way(first: Run, second: Run) -> None:
    """Which thresholds are announced hangs on the ticks, so escalations shift version numbers."""
    changes = [
        Counter(
            (event["ticket"]["id"], event["change"], event.get("post_id"))  # type: ignore[index]  # JSON
            for event in run.of("TicketEvent")
            if event["change"] != "escalated"
        )
        for run in (first, second)
    ]

    assert changes[0] == changes[1]


def test_a_second_run_calls_about_the_same(first: Run, second: Run) -> None:
    """A case that is answered within the moment that a turn takes is called for in one, in the
    other not: whoever acknowledged and whatever many wrote of is. How often many make one call
    hangs on real time here: half an hour of this day is 0.3 s."""
    of_many = {"hot_topic", "spike"}
    called = [
        {
            (str(event["kind"]), str(event["group_key"]).rpartition(":")[0])
            for event in run.of("AlertChanged")
            if event["state"] == "acknowledged" or event["kind"] in of_many
        }
        for run in (first, second)
    ]

    assert called[0] == called[1]
    assert of_many & {kind for kind, _ in called[0]}


def test_a_second_run_breaks_the_same_promises(first: Run, second: Run) -> None:
    """Of the clocks that posts end; a close is an act in real time."""
    broken = [
        {
            event["ticket_id"]
            for event in run.of("SlaChanged")
            if (event["clock"], event["state"]) == ("first_response", "breached")
        }
        for run in (first, second)
    ]

    assert broken[0] == broken[1]
    assert len(broken[0]) > 20


def test_a_second_run_gives_the_same_decisions(first: Run, second: Run) -> None:
    told = [
        {str(e["event_id"]): {name: e.get(name) for name in COMPARED} for e in run.of("Decision")}
        for run in (first, second)
    ]

    assert told[0] == told[1]


def test_no_process_stays_behind(first: Run) -> None:
    assert first
    commands = [
        (process / "cmdline").read_bytes()
        for process in Path("/proc").glob("[0-9]*")
        if (process / "cmdline").exists()
    ]

    assert [command for command in commands if b"/.run/demo" in command] == []


def test_what_running_services_export_is_the_catalogue(first: Run) -> None:
    """No name and no label that the catalogue lacks, and none of it that nobody exports."""
    assert first
    named = {family.name: family.type for family in exported()}
    names = {name + ("_total" if kind == "counter" else "") for name, kind in named.items()}
    wanted = catalogue()

    assert names == wanted.keys()
    for family in exported():
        name = family.name + ("_total" if family.type == "counter" else "")
        for sample in family.samples:
            assert set(sample.labels) - {"le"} == wanted[name][1], sample.name


def test_every_label_says_a_word_of_its_closed_set(first: Run) -> None:
    """A text, a name or an id in a label would be a new series each time, and a leak."""
    assert first
    said = {
        (label, value)
        for family in exported()
        for sample in family.samples
        for label, value in sample.labels.items()
        if label != "le"
    }

    assert {label for label, _ in said} <= CLOSED.keys()
    assert {one for one in said if one[1] not in CLOSED[one[0]]} == set()


def exported() -> list[Metric]:
    """What the four services of the last demo measured."""
    files = sorted(EVENTS.parent.joinpath("metrics").glob("*.txt"))
    assert len(files) == 4
    return [
        family
        for file in files
        for family in text_string_to_metric_families(file.read_text(encoding="utf-8"))
    ]

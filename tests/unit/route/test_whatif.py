"""What another policy would have decided, from the recorded inputs alone (N1, N6).

The inputs that break the easy version: a clamp that classify made, which is no part of route's; a
post that paged nobody because it was seen late; a topic that is hot under one policy and not under
the other.
"""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from schemas.classified import Part
from schemas.decisions import Decision
from schemas.states import AlertNeed
from schemas.vocabulary import Disposition
from services.route.__main__ import main
from services.route.domain.policy_file import read_policy
from services.route.domain.whatif import decided_by, difference, post_parts, recorded, undated
from tests.unit.route.naive_whatif import whatif
from tests.unit.route.recorded_day import (
    DEFAULT,
    as_lines,
    changed_policy,
    day,
    decisions,
    with_clamp,
)

EVENTS = day()
DECISIONS = decisions(EVENTS)
POLICY = read_policy(DEFAULT)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[list[Any], Any]:
    """The rows and the totals of one run of the command."""
    assert main(["whatif", *arguments]) == 0
    *rows, last = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return rows, last["totals"]


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str, str]:
    """The old policy, the new one, and the recorded day."""
    names = ("old.yaml", "new.yaml", "events.jsonl")
    texts = (DEFAULT, changed_policy(), "\n".join(as_lines(EVENTS)))
    for name, text in zip(names, texts, strict=True):
        (tmp_path / name).write_text(text, encoding="utf-8")
    old, new, events = (str(tmp_path / name) for name in names)
    return old, new, events


def test_the_day_has_what_breaks_the_easy_version() -> None:
    assert len(DECISIONS) == 500
    assert {d.inputs.lang for d in DECISIONS} == {"ru", "bg", "en"}
    assert any(with_clamp(d) and not d.inputs.earlier_contacts for d in DECISIONS)
    assert any(len(d.reasons) > 1 for d in DECISIONS)
    assert len({d.rule_id for d in DECISIONS}) > 8
    assert {d.inputs.hot for d in DECISIONS} == {False, True}


def test_the_difference_is_that_of_the_naive_script(
    files: tuple[str, str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    old, new, events = files

    rows, totals = run(capsys, "--old", old, "--new", new, events)

    expected_rows, expected_totals = whatif(DEFAULT, changed_policy(), as_lines(EVENTS))
    assert rows == expected_rows
    assert totals == expected_totals
    assert 100 < totals["changed"] < 500
    assert {"due", "owner", "alert", "disposition", "suggestion"} <= totals["fields"].keys()
    assert totals["monitored"]["new"]["crowd"]["would"]


def test_the_same_policy_over_a_recorded_day_changes_nothing(
    files: tuple[str, str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    policy, _, events = files

    for old in (policy, "recorded"):
        rows, totals = run(capsys, "--old", old, "--new", policy, events)
        assert rows == []
        assert (totals["posts"], totals["changed"]) == (500, 0)
        assert totals["tickets_opened"][0] == totals["tickets_opened"][1] > 0


def test_a_policy_that_differs_by_its_text_alone_changes_nothing() -> None:
    """Duty and heat are then computed anew, not taken from the recording."""
    other = decided_by(read_policy(DEFAULT + "# a remark\n"))

    assert [d.post_id for d in DECISIONS if difference(recorded(d), undated(other)(d))] == []


def test_as_many_tickets_open_as_were_opened() -> None:
    """A case that was closed before is the one thing that the inputs do not tell; there is none."""
    opened = {e.ticket.id for e in EVENTS if not isinstance(e, Decision)}

    assert sum(recorded(d).opens for d in DECISIONS) == len(opened)


def test_the_parts_of_a_post_keep_their_own_clamp() -> None:
    own = (_part("tone", 120), _part("clamp", -20))
    routes = (_part("context: hot topic", 15), _part("clamp", -15))

    assert post_parts((*own, *routes)) == own
    assert post_parts((*own, _part("rule", 3))) == own
    assert post_parts(()) == ()


def test_who_was_seen_late_is_not_paged_by_another_policy_either() -> None:
    late = next(d for d in DECISIONS if len(d.reasons) > 1 and not d.inputs.backfill)
    loud = decided_by(read_policy(DEFAULT.replace("minimum: 10", "minimum: 11")))

    assert recorded(late).alert is AlertNeed.none
    assert loud(late).alert is AlertNeed.none


def test_since_leaves_out_what_happened_before(
    files: tuple[str, str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    old, new, events = files
    noon = "2026-03-02T14:00:00+02:00"

    _, totals = run(capsys, "--old", old, "--new", new, "--since", noon, events)

    assert totals["posts"] == sum(d.occurred_at.hour >= 12 for d in DECISIONS)


def test_an_event_that_the_topic_holds_twice_counts_once(
    files: tuple[str, str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new, events = files
    twice = tmp_path / "twice.jsonl"
    twice.write_text(Path(events).read_text() + "\n" + Path(events).read_text())

    _, totals = run(capsys, "--old", old, "--new", new, str(twice))

    assert totals["posts"] == 500


def test_a_monitor_rule_behind_the_one_that_decides_would_change_nothing() -> None:
    text = changed_policy().replace(
        '{followers: ">= 5000", intent: [praise, talk]}', "{bot: false}"
    )
    text = text.replace("followers: 9, ", "bot: true, ")
    question = _decision(Disposition.answer_here)

    found = decided_by(read_policy(text))(question)

    assert [(one.rule, one.would) for one in found.monitored] == [("crowd", None)]


def test_the_table_is_for_a_person(
    files: tuple[str, str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    old, new, events = files

    assert main(["whatif", "--old", old, "--new", new, "--table", events]) == 0

    out = capsys.readouterr().out
    assert "posts differ" in out
    assert "{" not in out
    assert "disposition            no_reply_insult -> human_review" in out


@pytest.mark.parametrize(
    ("line", "says"),
    [("{", "line 2: "), ("[]", "line 2: "), ('{"type": "Decision"}', "line 2: ")],
)
def test_a_bad_line_names_its_number(
    line: str,
    says: str,
    files: tuple[str, str, str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    old, new, _ = files
    bad = tmp_path / "bad.jsonl"
    bad.write_text(f'{{"type": "Later"}}\n{line}\n')

    assert main(["whatif", "--old", old, "--new", new, str(bad)]) == 2
    assert says in capsys.readouterr().err


def _decision(disposition: Disposition) -> Decision:
    found = next(d for d in DECISIONS if d.disposition is disposition)
    return msgspec.structs.replace(found, event_id="another")


def _part(name: str, points: int) -> Part:
    return Part(name=name, points=points, why="")

"""The commands by which a lead tries a policy; exit codes and places are part of the contract.

The inputs that break the easy version: a line separator of Unicode inside a JSON text, which ends
no line; a policy of 500 rules; a whole topic, with ticks and tombstones between the posts; a policy
that fails its own tests, and one that is wrong in another way too.
"""

import io
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from schemas.classified import Part
from schemas.event import PipelineTick, encode
from schemas.vocabulary import Flag, Op
from services.route.__main__ import main
from tests.builders import MONDAY, a_classified, a_post, minutes

DEFAULT = "tests/unit/route/day_policy.yaml"
QUESTION = '{"id": "q", "facts": {"addressed": "direct", "intent": "question", "urgency": 31}}'


def run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, given: bytes, *args: str
) -> list[Any]:
    """What a command prints, given its standard input."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(given)))
    assert main([*args]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def decide(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, given: bytes
) -> list[Any]:
    return run(capsys, monkeypatch, given, "decide", "--policy", DEFAULT)


def test_decide_tells_all_that_a_decision_rests_on(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (answer,) = decide(capsys, monkeypatch, QUESTION.encode())

    assert answer["id"] == "q"
    assert answer["rule"] == "direct-question"
    assert (answer["disposition"], answer["team"]) == ("answer_here", "care")
    assert (answer["priority"], answer["priority_number"]) == ("normal", 31)
    assert sum(part["points"] for part in answer["parts"]) == 31
    assert (answer["sla"], answer["alert"], answer["suggestion"]) == ("same-day", "none", None)
    assert len(answer["reasons"]) == 1
    assert len(answer["policy"]) == 12


def test_classified_posts_are_decided_as_they_would_be_live(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    event = a_classified(
        a_post("p1", text="Пожар!\u2028Горит"),
        flags=(Flag.safety,),
        urgency=80,
        parts=(Part(name="safety", points=80, why=""),),
    )
    late = a_classified(a_post("p2", received_at=MONDAY + minutes(200)), flags=(Flag.safety,))
    wrapped = b'{"id": "mine", "classified": ' + encode(event) + b"}"

    answers = decide(capsys, monkeypatch, b"\n".join([encode(event), wrapped, encode(late)]))

    assert [(a["id"], a["rule"], a["alert"]) for a in answers] == [
        ("p1", "danger", "now"),
        ("mine", "danger", "now"),
        ("p2", "danger", "none"),
    ]
    assert answers[0]["parts"][0]["name"] == "safety"
    assert answers[2]["reasons"][1] == "first seen too late to page anybody"


def test_a_whole_topic_can_be_given(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    tick = PipelineTick(event_id="t", occurred_at=MONDAY, received_before=MONDAY)
    gone = a_classified(a_post("p0", op=Op.deleted))
    events = [tick, gone, a_classified(a_post("p1"))]

    answers = decide(capsys, monkeypatch, b"\n\n".join(map(encode, events)))

    assert [answer["id"] for answer in answers] == ["p1"]


def test_the_inputs_of_a_decision_are_facts_too(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = {"addressed": "mention", "intent": "talk", "at": "2026-03-02T10:00:00Z", "on_duty": {}}

    answers = decide(capsys, monkeypatch, json.dumps({"id": 7, "facts": facts}).encode())

    assert [(answer["id"], answer["rule"]) for answer in answers] == [(7, "talk")]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", "truncated"),
        ("[1]", "object"),
        ('{"id": "a"}', "neither facts nor a classified post"),
        ('{"id": "a", "facts": {"intend": "talk"}}', "did you mean `intent`?"),
        ('{"id": "a", "facts": {"intent": "talks"}}', "did you mean `talk`?"),
        ('{"id": "a", "facts": {"urgency": "9"}}', "expected a number"),
        ('{"id": "a", "classified": {}}', "missing required field"),
        ('{"id": "a", "facts": {"at": "yesterday"}}', "RFC3339"),
    ],
)
@pytest.mark.parametrize("command", ["decide", "explain"])
def test_a_bad_line_names_its_number_and_exits_2(
    command: str, line: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text(f"{QUESTION}\n\n{line}\n")

    assert main([command, "--policy", DEFAULT, str(file)]) == 2

    error = capsys.readouterr().err
    assert error.startswith(f"{command}: line 3: ")
    assert says in error


def test_bytes_that_are_no_text_exit_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = tmp_path / "bad"
    bad.write_bytes(b'{"id": "\xff"}')

    assert main(["decide", "--policy", DEFAULT, str(bad)]) == 2
    assert main(["decide", "--policy", str(bad), str(bad)]) == 2
    assert main(["decide", "--policy", str(tmp_path / "none"), str(bad)]) == 2
    assert capsys.readouterr().err.count("\n") == 3


def test_explain_gives_each_rule_with_yes_or_no_and_the_reason(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (answer,) = run(capsys, monkeypatch, QUESTION.encode(), "explain", "--policy", DEFAULT)

    assert answer["decides"] == "direct-question"
    rules = {rule["rule"]: rule for rule in answer["rules"]}
    assert rules["direct-question"]["matches"]
    assert rules["direct-question"]["reason"] == "A question to us is answered where it was asked."
    assert not rules["spam"]["matches"]
    assert rules["spam"]["reason"] == "intent is question, the rule wants spam"


EXPECTED = "gives: {rule: stranded, disposition: public_ack_then_private, team: care"


@pytest.fixture
def failing(tmp_path: Path) -> Path:
    """A policy whose author expects of a question what its rules do not do."""
    text = Path(DEFAULT).read_text(encoding="utf-8")
    assert text.count(EXPECTED) == 1
    file = tmp_path / "failing.yaml"
    file.write_text(text.replace(EXPECTED, EXPECTED.replace("care", "fraud")), encoding="utf-8")
    return file


def test_explain_explains_a_policy_that_fails_its_own_tests(
    failing: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(QUESTION.encode())))

    assert main(["explain", "--policy", str(failing)]) == 0

    said = capsys.readouterr()
    (line,) = said.out.splitlines()
    assert json.loads(line)["decides"] == "direct-question"
    warning, problem = said.err.splitlines()
    assert warning == "explain: 1 of its own tests fail, no service would take it:"
    assert problem.startswith(f"{failing}:")
    assert "the test expects team `fraud`, the policy gives `care`" in problem


def test_tests_that_failed_were_run(failing: Path, capsys: pytest.CaptureFixture[str]) -> None:
    count = failing.read_text(encoding="utf-8").count("- {post: ")

    assert main(["check", str(failing), str(failing.parent / "none.yaml")]) == 1
    ran, missing = [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    assert (ran["ok"], ran["tests"], len(ran["errors"])) == (False, count, 1)
    assert (missing["ok"], missing["tests"]) == (False, 0)


def test_what_decides_or_checks_is_as_strict_as_ever(
    failing: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(failing)]) == 1
    assert main(["decide", "--policy", str(failing), str(failing)]) == 2
    assert main(["coverage", str(failing), "--from", "2026-03-02"]) == 2
    assert "the test expects team `fraud`" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("right", "wrong", "says"),
    [
        ("policy: ", "polizy: ", "did you mean `policy`?"),
        ("team: fraud, priority", "team: frod, priority", "did you mean `fraud`?"),
    ],
)
def test_explain_refuses_what_is_wrong_in_another_way_too(
    failing: Path, right: str, wrong: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = failing.read_text(encoding="utf-8")
    failing.write_text(text.replace(right, wrong, 1), encoding="utf-8")

    assert main(["explain", "--policy", str(failing), str(failing)]) == 2
    assert says in capsys.readouterr().err


def test_explain_survives_500_rules(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "long.yaml"
    file.write_text(_long_policy(500), encoding="utf-8")

    given = b'{"id": 1, "facts": {"followers": 31}}'

    (answer,) = run(capsys, monkeypatch, given, "explain", "--policy", str(file))

    assert len(answer["rules"]) == 501
    assert answer["decides"] == "r31"


def test_check_tells_the_place_in_json_and_as_text(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text(
        Path(DEFAULT).read_text().replace("intent: spam}\n    then", "intend: spam}\n    then")
    )

    assert main(["check", DEFAULT, str(bad)]) == 1
    good, wrong = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert main(["check", "--format", "text", DEFAULT, str(bad)]) == 1
    text = capsys.readouterr().out.splitlines()

    count = Path(DEFAULT).read_text(encoding="utf-8").count("- {post: ")
    assert good == {"file": DEFAULT, "ok": True, "errors": [], "tests": count}
    assert wrong["tests"] == 0
    error = wrong["errors"][0]
    assert set(error) == {"line", "column", "path", "why"}
    assert error["path"] == "$.rules[2].when.intend"
    assert text[0] == f"{DEFAULT}: ok, {count} tests passed"
    place = f"{bad}:{error['line']}:{error['column']}: {error['path']}"
    assert text[1] == f"{place}: {error['why']}"


def test_a_policy_that_is_not_there_is_an_error_with_a_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(tmp_path / "none.yaml")]) == 1

    (error,) = json.loads(capsys.readouterr().out)["errors"]
    assert (error["line"], error["column"], error["path"]) == (1, 1, "$")


def test_a_policy_that_cannot_be_used_is_named_with_its_places(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("policy: x\nrulez: []\n")

    assert main(["coverage", str(bad), "--from", "2026-03-02"]) == 2
    assert f"{bad}:2:1: $.rulez: unknown field" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["coverage", DEFAULT, "--from", "yesterday"],
        ["coverage", DEFAULT, "--from", "2026-03-02", "--days", "0"],
        ["whatif", "--old", DEFAULT],
        ["whatif", "--old", DEFAULT, "--new", DEFAULT, "--since", "2026-03-02T10:00:00"],
        ["check"],
        ["fly"],
    ],
)
def test_bad_usage_exits_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)

    assert ended.value.code == 2
    assert capsys.readouterr().err


def _long_policy(count: int) -> str:
    rules = [
        {
            "id": f"r{n}",
            "why": "One of many.",
            "when": {"followers": n},
            "then": {"disposition": "human_review", "team": "care", "sla": "calm"},
            "tests": [
                {"post": "a", "facts": {"followers": n}, "gives": {"rule": f"r{n}"}},
                {"post": "b", "facts": {"followers": count + 1}, "gives": {"rule": "rest"}},
            ],
        }
        for n in range(count)
    ]
    rest = {
        "id": "rest",
        "why": "Nothing stays.",
        "then": {"disposition": "human_review", "team": "care", "sla": "calm"},
        "tests": [{"post": "c", "facts": {"followers": count + 1}, "gives": {"rule": "rest"}}],
    }
    duty = [{"during": "always", "people": ["vera"]}]
    policy = {
        "policy": "long",
        "sla": {"calm": {"first_response": "2h"}},
        "teams": {"care": {"languages": ["ru"], "duty": duty, "alerts": "x"}},
        "rules": [*rules, rest],
    }
    return msgspec.json.encode(policy).decode()

# Three inputs that break the easy version:
# 1. a bad line in the middle: its number, not a traceback;
# 2. U+2028 inside a text: splitting lines by the rules of text would cut the object in two;
# 3. author as a bare id and as an object, reach as a number and as an object.
"""Does the command line keep its contract?"""

import json
from pathlib import Path

import pytest

from services.classify.__main__ import main

AXES = {
    "addressed", "intent", "tone", "strength", "rude", "fair_claim", "solvable", "urgency",
    "urgency_band", "topic", "disposition", "personal_data", "repeat_contact", "lang", "parts",
}  # fmt: skip


def written(folder: Path, *rows: object) -> str:
    """A file of JSON Lines."""
    path = folder / "rows.jsonl"
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    return str(path)


def test_a_row_is_answered_under_the_names_of_the_guide(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path, {"id": 7, "text": "My card\u2028was stolen!", "doubt": 1})

    assert main(["score", file]) == 0

    answer = json.loads(capsys.readouterr().out)
    assert answer["id"] == 7
    assert set(answer["classification"]) == AXES
    assert answer["classification"]["topic"] == "fraud_security"


def test_reach_in_any_of_its_shapes_raises_urgency(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "The app is down"
    file = written(
        tmp_path,
        {"id": "a", "text": text, "author": "anna"},
        {"id": "b", "text": text, "author": {"id": "anna", "followers": 100_000}},
        {"id": "c", "text": text, "reach": 100_000, "parent": "p", "lang": "en"},
        {"id": "d", "text": text, "reach": {"views": 100_000}},
    )

    assert main(["score", file]) == 0

    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    first, *others = [row["classification"]["urgency"] for row in rows]
    assert others == [first + 15] * 3


def test_a_reply_is_reviewed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check-reply", written(tmp_path, {"id": "r", "text": "All sorted!"})]) == 0

    assert json.loads(capsys.readouterr().out)["review"]["kind"] == "closing"


@pytest.mark.parametrize("bad", [{"id": 1}, {"text": "x"}, [], {"id": 1, "text": 2}, "x"])
def test_a_bad_line_is_named_by_its_number(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], bad: object
) -> None:
    file = written(tmp_path, {"id": 1, "text": "ok"}, bad)

    assert main(["score", file]) == 2

    said = capsys.readouterr().err
    assert "line 2" in said
    assert said.count("\n") == 1


def test_a_missing_file_and_a_missing_command_are_bad_usage(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["score", "/nowhere/rows.jsonl"]) == 2
    with pytest.raises(SystemExit, match="2"):
        main([])
    assert "COMMAND" in capsys.readouterr().err

"""The command line: JSON Lines out, exit 2 and one clear line on bad usage.

The inputs that break the easy version: an id that begins with a minus sign, a replay whose
original is another file, a file that is not there.
"""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from services.ingest.__main__ import main
from services.ingest.settings import Settings, read
from stream.settings import BadSettings
from tests.unit.ingest.deliveries import NOW, SECRET, body_of, said, signed

Out = pytest.CaptureFixture[str]


def lines(out: Out) -> list[dict[str, Any]]:
    return [msgspec.json.decode(line) for line in out.readouterr().out.splitlines()]


def request(folder: Path, name: str, payload: object, **changes: Any) -> Path:
    body = body_of(payload)
    whole = {
        "platform": "generic",
        "method": "POST",
        "path": "/hooks/generic/main",
        "headers": signed(body),
        "body": body.decode(),
        "secret": SECRET,
        **changes,
    }
    file = folder / f"{name}.json"
    file.write_text(json.dumps(whole), encoding="utf-8")
    return file


def written(folder: Path, name: str, body: bytes) -> str:
    (folder / name).write_bytes(body)
    return str(folder / name)


def test_normalize_says_what_each_file_holds(tmp_path: Path, capsys: Out) -> None:
    files = [
        written(tmp_path, "post.json", body_of(said(author={"id": "-100"}))),
        written(tmp_path, "none.json", b"[]"),
        written(tmp_path, "ping.json", body_of({"type": "ping", "data": {}})),
        written(tmp_path, "bad.json", b"{"),
        written(tmp_path, "other.json", body_of(said(account="airline"))),
    ]

    code = main(["normalize", "--source", "generic", "--own=-100", *files])

    found = lines(capsys)
    assert code == 0
    assert [one["file"] for one in found] == files
    assert [one["outcome"] for one in found] == [
        "posts",
        "ignored",
        "ignored",
        "invalid",
        "rejected",
    ]
    assert found[0]["posts"][0]["author"]["is_brand"] is True
    assert found[3]["reason"].startswith("not_json: ")


def test_normalize_reads_files_of_rows(tmp_path: Path, capsys: Out) -> None:
    file = written(tmp_path, "rows.csv", "id,text\n1,Здравейте\n,без id\n".encode())

    main(["normalize", "--source", "bulk", file])

    (found,) = lines(capsys)
    assert (found["outcome"], len(found["posts"])) == ("posts", 1)
    assert "row 2" in found["reason"]


def test_answer_sends_whole_requests(tmp_path: Path, capsys: Out) -> None:
    ok = request(tmp_path, "ok", {"type": "social.post.created", "data": said()})
    replay = request(tmp_path, "replay", said(), expect={"status": 200, "after": "ok"})
    unsigned = request(tmp_path, "unsigned", said(), headers={"content-type": "application/json"})
    disabled = request(tmp_path, "disabled", said(), secret="")

    code = main(
        ["answer", "--now", str(NOW.timestamp()), *map(str, (ok, replay, unsigned, disabled))]
    )

    found = lines(capsys)
    assert code == 0
    assert [(one["status"], len(one["posts"])) for one in found] == [
        (202, 1),
        (200, 0),
        (401, 0),
        (404, 0),
    ]
    assert found[0]["posts"][0]["received_at"] == "2026-03-02T10:00:00Z"
    assert json.loads(found[0]["body"])["accepted"] == 1


def test_answer_takes_the_time_of_receipt(tmp_path: Path, capsys: Out) -> None:
    file = str(request(tmp_path, "late", said()))

    main(["answer", "--now", "2026-03-02T12:05:01+02:00", file])

    assert lines(capsys)[0]["status"] == 401


@pytest.mark.parametrize(
    "arguments",
    [
        ["normalize", "--source", "generic", "missing.json"],
        ["answer", "missing.json"],
        ["answer", "--now", "yesterday", "missing.json"],
        ["import", "posts.xlsx", "--account", "generic/shop"],
        ["import", "posts.csv", "--account", "generic"],
        ["import", "missing.csv", "--account", "generic/shop"],
    ],
)
def test_bad_usage_is_one_clear_line(arguments: list[str], capsys: Out) -> None:
    assert main(arguments) == 2

    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_file_that_cannot_be_read_stops_no_other(tmp_path: Path, capsys: Out) -> None:
    file = tmp_path / "post.json"
    file.write_text('{"id": "p1", "text": "Къде е?"}', encoding="utf-8")
    files = [str(tmp_path / "missing.json"), str(tmp_path), str(file)]

    assert main(["normalize", "--source", "generic", *files]) == 2

    said = capsys.readouterr()
    assert len(said.err.splitlines()) == 2
    assert '"id":"p1"' in said.out


def test_an_import_without_the_key_of_the_forgotten_is_refused(
    tmp_path: Path, capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ERASURE_KEY", raising=False)
    file = tmp_path / "posts.csv"
    file.write_text("id,text\n1,Где заказ?\n", encoding="utf-8")

    assert main(["import", str(file), "--account", "generic/shop"]) == 2
    assert "expected ERASURE_KEY and DATABASE_URL" in capsys.readouterr().err


@pytest.mark.parametrize("changes", [{"platform": "fax"}, {"path": "/x"}])
def test_answer_refuses_what_is_no_request_of_ours(
    tmp_path: Path, capsys: Out, changes: dict[str, str]
) -> None:
    file = request(tmp_path, "other", said(), **changes)

    assert main(["answer", "--now", "1", str(file)]) == 2
    assert "expected" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("environment", "name"),
    [
        ({"TICK_MARGIN_SECONDS": "2"}, "TICK_MARGIN_SECONDS"),
        ({"ACK_SECONDS": "0"}, "ACK_SECONDS"),
        ({"ERASURE_KEY": "guessable"}, "ERASURE_KEY"),
        ({"TICK_SECONDS": "soon"}, "TICK_SECONDS"),
    ],
)
def test_a_wrong_setting_is_named(environment: dict[str, str], name: str) -> None:
    with pytest.raises(BadSettings, match=name):
        read(environment)


def test_settings_have_the_designs_defaults() -> None:
    assert read({"TICK_SECONDS": "1", "OTHER": "x"}) == Settings(tick_seconds=1.0)

"""What `make up` leaves behind can be used, and is not lost by a second `make up`.

The inputs that break the easy version: one service of a running stack has died; a setting with a
quote in it; a table that a spreadsheet has divided by semicolons.
"""

import json
import os
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deploy.demo.day import CLOCKS
from deploy.demo.keep import STATE, up, write_env
from deploy.demo.own_posts import expect_commas
from deploy.demo.send import main, signed
from deploy.demo.settings import SECRET
from deploy.local.process import LaunchError, started_at
from services.ingest.domain.receipt import Delivery, Keys
from services.ingest.platforms import generic

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def test_a_stack_with_a_dead_service_is_left_as_it_is(tmp_path: Path) -> None:
    alive = {"pid": os.getpid(), "started": started_at(os.getpid())}
    another = {**alive, "started": "another process had this number"}
    state = json.dumps({"processes": {"ingest": alive, "route": another, "kafka": alive}})
    (tmp_path / STATE).write_text(state)
    said: list[str] = []

    with pytest.raises(LaunchError, match=r"not running: route .*route\.log") as refused:
        up(tmp_path, said.append)

    assert "`make down` first" in str(refused.value)
    assert [file.name for file in tmp_path.iterdir()] == [STATE]
    assert (tmp_path / STATE).read_text() == state
    assert said == []


def test_a_shell_reads_the_settings_as_they_are(tmp_path: Path) -> None:
    settings = {"A": '{"канал": "it\'s $HOME"}', "B": "", "C": "ключ `date`"}
    file = tmp_path / "env"

    write_env(file, settings)

    command = f'set -a; . {file}; set +a; printf \'%s\\n\' "$A" "$B" "$C"'
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == list(settings.values())
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("text", ["у меня украли карту", "къде ми е багажът?", "where is it?"])
def test_a_sent_post_is_signed_as_ingest_wants_it(text: str) -> None:
    body, headers = signed(text, "bank", NOW)

    delivery = Delivery(body=body, headers=headers, query={})
    assert generic.verify(delivery, Keys(secrets=(SECRET,)), NOW)
    assert json.loads(body)["text"] == text
    assert json.loads(body)["mentions"] == ["severbank"]


def test_without_a_stack_nothing_is_sent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bank", "where is it?"], tmp_path) == 1
    assert "expected what `make up` started" in capsys.readouterr().err


def test_semicolons_are_told_before_anything_starts(tmp_path: Path) -> None:
    table = tmp_path / "posts.csv"
    table.write_text("id;author.id;text\n1;ann;где заказ, а?\n", encoding="cp1251")

    with pytest.raises(LaunchError, match=r"posts\.csv: expected columns divided by commas"):
        expect_commas(table)


@pytest.mark.parametrize(
    ("name", "header"), [("a.csv", "id,text,a;b"), ("a.csv", "id"), ("a.jsonl", '{"text": ";"}')]
)
def test_other_files_are_read(tmp_path: Path, name: str, header: str) -> None:
    (tmp_path / name).write_text(header)

    expect_commas(tmp_path / name)


def test_the_legend_has_the_words_of_notify() -> None:
    page = Path("services/notify/README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\w+) \| (.+) \| (.+) \|$", page, re.MULTILINE)

    told = {clock: f"{start} → {end}" for clock, start, end in rows if clock != "clock"}

    assert told == CLOCKS


@pytest.mark.parametrize("given", ["POST=banana", "POST="])
def test_why_of_no_post_fails(given: str) -> None:
    done = subprocess.run(["make", "why", given], capture_output=True, text=True, check=False)

    assert done.returncode != 0
    assert "expected" in done.stderr or "no events" in done.stderr

# Three inputs that break the easy version:
# 1. the same reply with another name: it is the same reply;
# 2. "Thank you!" twice: nobody minds;
# 3. the same reply in two threads: people of one thread never see the other.
"""Was the same reply given before?"""

import json
from pathlib import Path

import pytest

from services.classify.__main__ import main
from services.classify.domain.reply_sameness import comparable, not_repeated

SORRY = {
    "ru": "{}, нам очень жаль, что посылка задержалась. Спасибо, что сообщили, проверяем.",
    "bg": "{}, много съжаляваме, че пратката се забави. Благодарим за сигнала, проверяваме.",
    "en": "{}, we're so sorry that your parcel is late. Thanks for telling us, checking it now.",
}


@pytest.mark.parametrize("lang", SORRY)
def test_another_name_makes_no_other_reply(lang: str) -> None:
    first, again = (comparable(SORRY[lang].format(name)) for name in ("Anna", "Petrović"))
    other = comparable("The flight left at 14:20 and the passengers have received compensation.")
    assert first

    assert not not_repeated(again, [("a", first)]).ok
    assert not_repeated(other, [("a", first)]).ok


def test_short_thanks_may_be_alike() -> None:
    assert comparable("Thank you!") is None
    assert not_repeated(None, [("a", "0" * 16)]).ok


def test_the_command_compares_the_replies_of_one_thread(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    threads = {"a": "t1", "b": "t2", "c": "t1", "d": "t1"}
    rows = [
        {"id": name, "thread": thread, "text": SORRY["en"].format(name)}
        for name, thread in threads.items()
    ]
    file = tmp_path / "rows.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")

    assert main(["check-reply", str(file)]) == 0

    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    found = {row["id"]: row["review"]["checks"]["not_repeated"] for row in answers}
    assert {name: check["evidence"] for name, check in found.items()} == {
        "a": None,
        "b": None,
        "c": "nearly the same as a",
        "d": "nearly the same as c",
    }


def test_the_command_knows_what_is_around_a_reply(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = {
        "id": 1,
        "text": "Ответим завтра.",
        "to": "Где деньги?",
        "platform": "vk",
        "visibility": "private",
        "said_at": "2026-03-04T23:30:00+03:00",
    }
    file = tmp_path / "rows.jsonl"
    file.write_text(json.dumps(row), encoding="utf-8")

    assert main(["check-reply", str(file)]) == 0

    review = json.loads(capsys.readouterr().out)["review"]
    assert review["promise_until"] == "2026-03-05T21:00:00Z"
    assert {"proportionate", "fits_platform"} <= review["checks"].keys()

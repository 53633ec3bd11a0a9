"""Overrides as labels with a text, in the format that classify is trained and evaluated on.

The inputs that break the easy version: a post that was edited after somebody had decided on it; one
that its author took back; an override that another one undid.
"""

import io
import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from schemas.classified import ClassifiedPost
from schemas.erasures import AuthorErased
from schemas.event import Event, derive_id, encode
from schemas.posts import Author
from schemas.vocabulary import Disposition, Op
from services.classify.training.corpora import Labelled, labelled_posts
from services.classify.training.lessons import CLASSES
from services.route.__main__ import main
from services.route.domain.labels import Label, labels_of
from services.route.domain.views import Correction
from tests.builders import MONDAY, a_classified, a_post, minutes

TEXTS = {
    "ru": "С карты сняли деньги, верните",
    "bg": "Къде ми е пратката?",
    "en": "Where is my refund?",
}


def corrected(post: str = "p1", *, at: float = 60, **changes: Any) -> Correction:
    """A lead finds a complaint more urgent than it was held."""
    fields: dict[str, Any] = {
        "id": post,
        "brand": "severbank",
        "lang": "ru",
        "disposition": Disposition.public_ack_then_private,
        "urgency": 99,
        "was_disposition": Disposition.public_ack_then_private,
        "was_urgency": 40,
        "by": "lena",
        "at": MONDAY + minutes(at),
        "reason": "a journalist asks",
    }
    return Correction(**{**fields, **changes})


def edited(text: str, *, at: float) -> ClassifiedPost:
    when: datetime = MONDAY + minutes(at)
    revision = int(when.timestamp() * 1000)
    post = a_post(op=Op.edited, revision=revision, text=text, occurred_at=when)
    return a_classified(post)


def gone(post: str = "p1", *, at: float = 90) -> ClassifiedPost:
    when = MONDAY + minutes(at)
    return a_classified(
        a_post(
            post, op=Op.deleted, text="", revision=int(when.timestamp() * 1000), occurred_at=when
        )
    )


def labelled(corrections: Sequence[Correction], *events: Event) -> list[Label]:
    return list(labels_of(corrections, events))


@pytest.mark.parametrize("lang", TEXTS)
def test_a_label_has_the_text_and_what_a_person_decided(lang: str) -> None:
    post = a_classified(a_post(text=TEXTS[lang]), lang=lang, urgency=40)

    (label,) = labelled([corrected(lang=lang)], post)

    assert (label.id, label.lang, label.text) == ("severbank:p1", lang, TEXTS[lang])
    assert (label.urgency, label.corrected) == (3, ("urgency",))
    assert label.disposition is Disposition.public_ack_then_private


def test_what_nobody_corrected_is_as_classify_judged_it() -> None:
    """Route may have decided otherwise than classify proposed: that is no person's correction."""
    post = a_classified(a_post(), disposition=Disposition.answer_here, urgency=70, urgency_band=3)
    urgent = corrected(was_disposition=Disposition.human_review, disposition=Disposition.thank)

    (label,) = labelled([corrected(urgency=50)], post)
    (other,) = labelled([msgspec.structs.replace(urgent, urgency=40)], post)

    assert (label.disposition, label.urgency) == (Disposition.answer_here, 2)
    assert (other.disposition, other.urgency) == (Disposition.thank, 3)
    assert other.corrected == ("disposition",)


def test_the_text_is_what_the_person_saw() -> None:
    events = [edited("позже", at=90), a_classified(a_post(text="раньше")), edited("тогда", at=30)]

    (label,) = labelled([corrected(at=60)], *events)

    assert label.text == "тогда"


def test_a_post_that_was_taken_back_teaches_nothing() -> None:
    assert labelled([corrected()], a_classified(a_post()), gone()) == []


def test_whoever_is_forgotten_teaches_nothing() -> None:
    wish = AuthorErased(
        event_id=derive_id("a", "AuthorErased"),
        occurred_at=MONDAY,
        author_hash="a" * 64,
        sources=("generic",),
        requested_at=MONDAY,
        receipt_id="r1",
    )
    anna = a_classified(a_post(author=Author(id="anna", hash="a" * 64)))
    boris = a_classified(a_post("p2", author=Author(id="boris", hash="b" * 64)))
    nobody = a_classified(a_post("p3", author=None))

    found = labelled([corrected(f"p{n}") for n in (1, 2, 3)], wish, anna, boris, nobody)

    assert [one.id for one in found] == ["severbank:p2", "severbank:p3"]


def test_an_override_that_was_undone_is_none_and_the_last_one_holds() -> None:
    undone = [corrected(), corrected(at=70, urgency=40, was_urgency=99)]
    again = [*undone, corrected(at=80, urgency=30)]

    assert labelled(undone, a_classified(a_post())) == []
    assert [one.urgency for one in labelled(again, a_classified(a_post()))] == [1]


def test_two_brands_may_know_a_post_by_the_same_id() -> None:
    ours = a_classified(a_post(text="наше"))
    theirs = a_classified(a_post(brand="lavka", text="чужое"))

    (label,) = labelled([corrected(brand="lavka")], ours, theirs)

    assert (label.id, label.text) == ("lavka:p1", "чужое")


def test_a_text_that_is_gone_makes_no_label() -> None:
    assert labelled([corrected()]) == []
    assert labelled([corrected()], a_classified(a_post(text=""))) == []


def test_classify_reads_the_file_and_learns_every_axis_from_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    export, folder = tmp_path / "events.jsonl", tmp_path / "data" / "labels"
    folder.mkdir(parents=True)
    posts = [
        a_classified(a_post(f"p{n}", text=f"{text} \u2028ёЁ 🙂"), lang=lang)
        for n, (lang, text) in enumerate(TEXTS.items())
    ]
    export.write_bytes(b"\n".join(map(encode, posts)))
    corrections = [corrected(f"p{n}", lang=lang) for n, lang in enumerate((*TEXTS, "ru"))]
    given = msgspec.json.Encoder().encode_lines(corrections)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(given)))

    assert main(["labels", "--events", str(export)]) == 0
    said = capsys.readouterr()
    (folder / "overrides.jsonl").write_text(said.out, encoding="utf-8")
    rows = labelled_posts(tmp_path / "data", ours=tmp_path)

    assert "3 of 4 corrected posts" in said.err
    assert [(row.lang, row.text) for row in rows] == [
        (lang, f"{text} \u2028ёЁ 🙂") for lang, text in TEXTS.items()
    ]
    assert {(row.urgency, row.real, row.half) for row in rows} == {(3, True, False)}
    for axis, classes in CLASSES.items():
        if axis != "emotion":
            assert {row.says(axis) for row in rows} <= set(classes), axis
    assert set(Labelled.__struct_fields__) - {"half"} <= set(json.loads(said.out.split("\n")[0]))


def test_a_line_that_is_no_correction_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_bytes(encode(a_classified(a_post())))

    assert main(["labels", str(bad), "--events", str(bad)]) == 2
    assert "labels: line 1: expected a line of GET /v1/corrections" in capsys.readouterr().err

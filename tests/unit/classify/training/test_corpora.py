# Three inputs that break the easy version:
# 1. a label whose text stands in a conversation, not in a table;
# 2. the brand's own turn of that conversation, under a name that only the hash knows;
# 3. the same text twice in a conversation: one post, not two.
"""Is a label found again whose text is not ours to keep?"""

import json
from pathlib import Path

import pytest

from services.classify.training.corpora import labelled_posts, sha1

ASKED = "@bank как отменить перевод? пишу третий раз"
ANSWERED = "Здравствуйте! Уже смотрим."
LABELS = {
    "lang": "ru", "addressed": "direct", "intent": "question", "tone": "negative", "strength": 1,
    "rude": False, "fair_claim": True, "solvable": "yes", "urgency": 2, "topic": "billing_payment",
    "disposition": "public_ack_then_private", "personal_data": False, "repeat_contact": True,
}  # fmt: skip


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder of data with one conversation."""
    (tmp_path / "replay").mkdir()
    turns = [
        {"client": "anna", "message": ASKED, "tweet_ID": "1"},
        {"agent": "bank", "message": ANSWERED, "tweet_ID": "2"},
        {"client": "anna", "message": ASKED, "tweet_ID": "3"},
    ]
    talks = [{"dialogContent": turns, "dialogHeader": {}}]
    (tmp_path / "replay" / "ibm_conversations.json").write_text(json.dumps(talks), "utf-8")
    return tmp_path


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    """A folder of ours with labels of both turns, by hash."""
    folder = tmp_path / "ours"
    folder.mkdir()
    rows = [
        {"sha1": sha1(text), "labels": {"id": f"fresh:{number}", **LABELS}}
        for number, text in enumerate((ASKED, ANSWERED))
    ]
    (folder / "annotated.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n", "utf-8")
    return folder


def test_a_customer_of_a_conversation_is_found_by_the_hash(data: Path, ours: Path) -> None:
    found = labelled_posts(data, ours)

    assert [(row.text, row.source, row.real) for row in found] == [
        (ASKED, "ibm_twitter_care", True)
    ]


def test_labels_come_with_the_text(data: Path, ours: Path) -> None:
    (post,) = labelled_posts(data, ours)

    assert {name: getattr(post, name) for name in LABELS} == LABELS

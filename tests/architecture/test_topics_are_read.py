"""The topic table tells the truth: a service reads what it says, or the table says "not yet"."""

import re
from pathlib import Path

import pytest

from schemas import topics
from schemas.event import Topic

CONSTANTS = {name: one for name, one in vars(topics).items() if isinstance(one, Topic)}


def read_in_code(service: str) -> set[str]:
    """The topics that a service's flow is wired to."""
    source = Path(f"services/{service}/app.py").read_text(encoding="utf-8")
    (wired,) = re.findall(r"reads=\(([A-Z_, ]+), retry\(", source)
    return {*(CONSTANTS[one].name for one in wired.split(", ")), f"{service}.retry.v1"}


@pytest.mark.parametrize("service", ["classify", "route", "notify"])
def test_who_reads_a_topic_stands_in_the_table(service: str) -> None:
    said = {t.name for t in topics.TOPICS if service in t.read_by and service not in t.not_yet}

    assert said == read_in_code(service)

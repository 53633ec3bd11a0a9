"""The listings of docs/subscribe.md are the examples that are run, letter by letter."""

import re
from pathlib import Path

from schemas.topics import TOPICS

PAGE = Path("docs/subscribe.md").read_text(encoding="utf-8")
EXAMPLES = Path("deploy/examples/subscribers")
SOURCES = ("*.py", "*.java", "*.mjs")


def test_each_listing_is_its_file_and_each_example_is_listed() -> None:
    listed = dict(re.findall(r"^```[a-z]+ (\S+)\n(.*?)^```$", PAGE, flags=re.M | re.S))
    files = [file for pattern in SOURCES for file in EXAMPLES.rglob(pattern)]

    assert listed == {str(file.relative_to(EXAMPLES)): file.read_text("utf-8") for file in files}


def test_each_topic_of_subscribers_has_its_row_and_no_other() -> None:
    rows = dict(re.findall(r"^\| `(\S+)` \|.* (\d+) d \|$", PAGE, flags=re.M))

    assert rows == {t.name: str(t.kept_days) for t in TOPICS if "subscribers" in t.read_by}


def test_the_lock_of_the_example_checks_hashes_and_says_no_place() -> None:
    lock = (EXAMPLES / "javascript/package-lock.json").read_text(encoding="utf-8")

    assert "integrity" in lock
    assert "resolved" not in lock, "where packages come from is each installation's own"

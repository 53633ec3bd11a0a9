"""Which posts does a table of customer-care tweets hold? Those of customers, for ingest to import.

The columns are those of the set "Customer Support on Twitter": tweet_id, author_id, inbound,
created_at, text, response_tweet_id, in_response_to_tweet_id.
"""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import msgspec

COLUMNS = {"tweet_id", "author_id", "inbound", "created_at", "text"}
_WRITTEN = "%a %b %d %H:%M:%S %z %Y"


def is_tweets(file: Path) -> bool:
    """Does a file begin with the columns of that table?"""
    with file.open(encoding="utf-8", errors="replace", newline="") as lines:
        return set(next(csv.reader(lines), [])) >= COLUMNS


def inbound(file: Path, *, mentioned: str) -> Iterator[bytes]:
    """A JSON line for each tweet of a customer, each a case of its own that names the brand."""
    with file.open(encoding="utf-8", errors="replace", newline="") as lines:
        for row in csv.DictReader(lines):
            if row["inbound"] == "True":
                yield msgspec.json.encode(_post(row, mentioned)) + b"\n"


def _post(row: dict[str, str], mentioned: str) -> dict[str, object]:
    return {
        "id": row["tweet_id"],
        "author": {"id": row["author_id"]},
        "text": unescape(row["text"]),
        "posted_at": _rfc_3339(row["created_at"]),
        "mentions": [mentioned],
        "space": "mention",
    }


def _rfc_3339(written: str) -> str:
    """The time as ingest reads it; what is none stays, and ingest says so of that row."""
    try:
        return datetime.strptime(written, _WRITTEN).astimezone(UTC).isoformat()
    except ValueError:
        return written

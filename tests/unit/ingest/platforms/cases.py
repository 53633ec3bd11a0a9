"""Payloads of each platform with what they give: ``SOURCE/CASE.json`` beside this module.

A case is ``{"raw": ..., "own": [...], "expected": [...]}``; ``raw`` is the body, as JSON or as text
in ``encoding``; ``headers`` may stand beside it. Received on 2 March 2026 at 10:00 UTC.
"""

import json
from pathlib import Path
from typing import Any

import msgspec

from schemas.posts import SocialPost
from services.ingest.domain.brands import Account
from services.ingest.domain.receipt import Delivery, Ignored, Refused, Seen
from services.ingest.platforms.table import PLATFORMS, read
from tests.unit.ingest.deliveries import NOW

FOLDER = Path(__file__).parent
FILES = sorted(FOLDER.glob("*/*.json"))

Found = SocialPost | Ignored | Refused


class Case(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One delivery; of each expected post only the named fields are compared."""

    raw: Any
    own: tuple[str, ...] = ()
    encoding: str = "utf-8"
    headers: dict[str, str] = {}
    expected: tuple[dict[str, Any], ...]

    @property
    def delivery(self) -> Delivery:
        """The request as it came."""
        body = self.raw if isinstance(self.raw, str) else json.dumps(self.raw, ensure_ascii=False)
        return Delivery(headers=self.headers, query={}, body=body.encode(self.encoding))


def case_in(file: Path) -> Case:
    """The case that a file holds."""
    return msgspec.json.decode(file.read_bytes(), type=Case)


def name_of(file: Path) -> str:
    """What a test's name shows of a file."""
    return f"{file.parent.name}/{file.stem}"


def seen_by(source: str, own: tuple[str, ...] = ()) -> Seen:
    """An account of that source, with its own ids, at the time of receipt."""
    account = Account(
        brand="severbank",
        source=source,
        id="main",
        channel_role="service",
        own_ids=frozenset(own),
    )
    return Seen(account=account, received_at=NOW)


def found_in(source: str, case: Case, seen: Seen) -> list[Found]:
    """What the platform makes of each event of a case's delivery."""
    platform = PLATFORMS[source]
    return [read(platform, native, seen) for native in platform.split(case.delivery)]

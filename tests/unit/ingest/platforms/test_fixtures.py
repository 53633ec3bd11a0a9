"""Each platform's payloads give the posts that are written beside them.

The inputs that break the easy version: a batch in which each event means something else, the same
delivery an hour later, a post that is made, changed and removed.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from schemas.posts import SocialPost
from services.ingest.domain.place import alone
from services.ingest.domain.receipt import Ignored, Refused
from services.ingest.platforms.table import PLATFORMS
from tests.unit.ingest.platforms.cases import (
    FILES,
    FOLDER,
    Found,
    case_in,
    found_in,
    name_of,
    seen_by,
)

WITHOUT = frozenset({"generic", "bulk"})
"""These have tests of their own: their payload is our own format."""

every_case = pytest.mark.parametrize("file", FILES, ids=name_of)


@every_case
def test_a_payload_gives_what_is_written_beside_it(file: Path) -> None:
    source, case = file.parent.name, case_in(file)

    found = [_shown(one) for one in found_in(source, case, seen_by(source, case.own))]

    assert [_named(one, want) for one, want in zip(found, case.expected, strict=True)] == [
        *case.expected
    ]


@every_case
def test_the_same_delivery_later_is_the_same_events(file: Path) -> None:
    source, case = file.parent.name, case_in(file)
    seen = seen_by(source, case.own)
    later = msgspec.structs.replace(seen, received_at=seen.received_at + timedelta(hours=1))

    first, again = (_event_ids(found_in(source, case, at)) for at in (seen, later))

    assert first == again
    assert len(set(first)) == len(first)


def test_every_platform_has_payloads_and_every_folder_is_a_platform() -> None:
    assert {folder.name for folder in FOLDER.iterdir() if any(folder.glob("*.json"))} == (
        PLATFORMS.keys() - WITHOUT
    )


def _shown(found: Found) -> dict[str, Any]:
    match found:
        case SocialPost():
            return msgspec.json.decode(msgspec.json.encode(alone(found)), type=dict[str, Any])
        case Ignored():
            return {"ignored": True}
        case Refused():
            return {"refused": found.reason.value}


def _named(found: Any, want: Any) -> Any:
    """Of what was found only the fields that are expected, so that a difference is easy to read."""
    if isinstance(want, dict) and isinstance(found, dict):
        return {name: _named(found.get(name), value) for name, value in want.items()}
    if isinstance(want, list) and isinstance(found, list) and len(want) == len(found):
        return [_named(one, value) for one, value in zip(found, want, strict=True)]
    return found


def _event_ids(found: list[Found]) -> list[str]:
    return [one.event_id for one in found if isinstance(one, SocialPost)]

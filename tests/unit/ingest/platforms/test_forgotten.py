"""Whatever the platform, of an author who asked to be forgotten nothing is kept.

The inputs that break the easy version: ids that are numbers, a private chat that is named by the
customer's own id, another's post in whose payload theirs is quoted.
"""

from pathlib import Path

import msgspec
import pytest

from schemas.posts import SocialPost
from services.ingest.domain.erasure import Forgotten, People, spared
from services.ingest.platforms.table import PLATFORMS, read
from tests.unit.ingest.platforms.cases import FILES, case_in, found_in, name_of, seen_by

KEYED = People(key=b"k" * 32)
LONG = 5
"""Shorter ids may stand in a time or a count by chance."""


def authors_in(file: Path) -> set[str]:
    """The customers who speak in a case."""
    case = case_in(file)
    found = found_in(file.parent.name, case, seen_by(file.parent.name, case.own))
    posts = [one for one in found if isinstance(one, SocialPost)]
    return {one.author.id for one in posts if one.author and not one.author.is_brand}


@pytest.mark.parametrize(
    ("file", "author"),
    [(file, author) for file in FILES for author in sorted(authors_in(file))],
    ids=lambda given: name_of(given) if isinstance(given, Path) else given,
)
def test_of_the_forgotten_nothing_is_kept(file: Path, author: str) -> None:
    source, case = file.parent.name, case_in(file)
    hashed = KEYED.hash_of(source, author) or ""
    people = msgspec.structs.replace(KEYED, forgotten=frozenset({hashed}))
    seen = seen_by(source, case.own)
    natives = list(PLATFORMS[source].split(case.delivery))

    left = [
        spared(native, read(PLATFORMS[source], native, seen), source=source, people=people)
        for native in natives
    ]

    forgotten = [outcome for _, outcome in left if isinstance(outcome, Forgotten)]
    kept = [(native.raw, outcome) for native, outcome in left if outcome not in forgotten]
    assert forgotten
    for raw, outcome in kept:
        assert len(author) < LONG or author.encode() not in raw + msgspec.json.encode(outcome)

"""What should have come out? A naive fold of what was written, and what the topic shows of it."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import msgspec

from schemas.event import derive_id
from stream.flow import Received
from tests.builders import MONDAY
from tests.faults.probe import Counted, Noted, counted_id

KEY_COUNT = 48

Outcome = tuple[str, int, int]
"""Key, number, version."""


def noted(n: int) -> Noted:
    """The n-th record of all; the keys take turns."""
    key, number = f"key-{n % KEY_COUNT}", n // KEY_COUNT
    event_id = derive_id(key, "Noted", number)
    return Noted(event_id=event_id, occurred_at=MONDAY, key=key, number=number)


def partition_of(note: Noted, count: int) -> int:
    """The one partition of a key."""
    return int(note.key.removeprefix("key-")) % count


def expected_of(notes: Sequence[Noted], *, keeps: bool) -> Mapping[str, Outcome]:
    """The output of each record, by its id; whoever keeps nothing has no versions."""
    versions: Counter[str] = Counter()
    expected = {}
    for note in notes:
        versions[note.key] += 1
        version = versions[note.key] if keeps else 0
        expected[counted_id(note)] = (note.key, note.number, version)
    return expected


def outcome_of(value: bytes) -> Outcome:
    """What an output says."""
    event = msgspec.json.decode(value, type=Counted)
    return event.key, event.number, event.version


def by_key(notes: Sequence[Noted]) -> Mapping[str, Sequence[int]]:
    """The numbers of each key, in the order that they were written."""
    order: dict[str, list[int]] = defaultdict(list)
    for note in notes:
        order[note.key].append(note.number)
    return order


def kept_of(notes: Sequence[Noted]) -> Mapping[str, tuple[int, int]]:
    """Version and last number of each key."""
    return {key: (len(numbers), numbers[-1]) for key, numbers in by_key(notes).items()}


def first_copies(records: Sequence[Received]) -> Mapping[str, Sequence[int]]:
    """The numbers of each key in the order of their first copies, as a reader sees them."""
    first: dict[str, tuple[str, int]] = {}
    for record in sorted(records, key=lambda one: (one.partition, one.offset)):
        event = msgspec.json.decode(record.value or b"", type=Counted)
        first.setdefault(event.event_id, (event.key, event.number))
    order: dict[str, list[int]] = defaultdict(list)
    for key, number in first.values():
        order[key].append(number)
    return order

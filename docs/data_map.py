"""Which page says what we hold of people? docs/data-map.md, from ``schemas.data_map``."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, get_args, get_type_hints

import msgspec

from schemas.data_map import DATA_MAP, MEANINGS, Kind
from schemas.event import Event, Topic
from schemas.topics import EVENTS, TOPICS

_STORES = (
    "`posts.raw.v1` keeps payloads as they came, 7 days, for operators alone. Of the stores ingest "
    "has the places of posts with their authors' hashes, 30 days, route has customers with their "
    "tickets, notify has nobody. All of it goes when somebody asks to be forgotten "
    "([decisions/0009-erasure.md](decisions/0009-erasure.md))."
)


def lines() -> Iterator[str]:
    """The page; raises ``ValueError`` while the map is not true of the structs."""
    if wrong := problems():
        raise ValueError(f"schemas/data_map.py: {'; '.join(wrong)}")
    yield "What the events hold of people, why, and how long the topics keep it."
    yield ""
    for data, meaning in MEANINGS.items():
        yield f"- **{data}**: {meaning}."
    yield ""
    yield _STORES
    for kind, held in DATA_MAP.items():
        kept = ", ".join(f"`{topic.name}` {topic.kept_days} d" for topic in carriers(kind))
        yield ""
        yield f"## {kind.__name__}"
        yield ""
        yield f"Kept {held.purpose}: {kept}."
        yield ""
        classes = dict(held.fields())
        yield "| field | holds |"
        yield "|---|---|"
        yield from (f"| `{name}` | {classes[name]} |" for name in own_fields(kind))


def own_fields(kind: Kind) -> list[str]:
    """The fields of a struct, without those that every event has."""
    names = list(kind.__struct_fields__)
    if issubclass(kind, Event) and kind is not Event:
        return [name for name in names if name not in Event.__struct_fields__]
    return names


def carriers(kind: Kind) -> list[Topic]:
    """The topics on which a struct travels, as an event or within one."""
    return [
        topic
        for topic in TOPICS
        if any(kind in within(EVENTS[name]) for name in topic.events if name in EVENTS)
    ]


def within(kind: Kind) -> frozenset[Kind]:
    """A struct, what it holds, and the base that it shares with every event."""
    base = {Event} if issubclass(kind, Event) else set()
    return frozenset({*base, kind, *_structs_in(get_type_hints(kind).values())})


def problems() -> list[str]:
    """What keeps the map from being true: a field that is missing, gone, or named twice."""
    travelling = frozenset[Kind]().union(*map(within, EVENTS.values()))
    found = [f"{kind.__name__}: expected an entry" for kind in travelling - DATA_MAP.keys()]
    found += [f"{kind.__name__}: travels on no topic" for kind in DATA_MAP.keys() - travelling]
    for kind, held in DATA_MAP.items():
        named, there = Counter(name for name, _ in held.fields()), Counter(own_fields(kind))
        found += [f"{kind.__name__}.{name}: expected its data class" for name in there - named]
        found += [f"{kind.__name__}.{name}: no such field, or twice" for name in named - there]
    return sorted(found)


def _structs_in(hints: Any) -> Iterator[Kind]:
    for hint in hints:
        if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
            yield from within(hint)
        else:
            yield from _structs_in(get_args(hint))

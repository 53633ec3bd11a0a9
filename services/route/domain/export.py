"""Which events does an export hold? JSON Lines as the demo and the topics give them."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

import msgspec

from schemas.event import Event

E = TypeVar("E", bound=Event)


class BadLine(Exception):  # noqa: N818 - a line, not an error of ours
    """A line of input is not what it should be; the message says which and what was expected."""


class _Tagged(msgspec.Struct):
    type: str


def events_in(lines: Iterable[str | bytes], kinds: Iterable[type[E]]) -> Iterator[E]:
    """The events of these types, each once; those of other types, known or not, are passed over."""
    decoders = {kind.__name__: msgspec.json.Decoder(kind) for kind in kinds}
    tags = msgspec.json.Decoder(_Tagged)
    seen: set[str] = set()
    for number, line in numbered(lines):
        try:
            decoder = decoders.get(tags.decode(line).type)
            event = decoder.decode(line) if decoder else None
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise BadLine(f"line {number}: expected an event as exported: {error}") from error
        if event and event.event_id not in seen:  # a topic may hold an event twice
            seen.add(event.event_id)
            yield event


def numbered(lines: Iterable[str | bytes]) -> Iterator[tuple[int, str | bytes]]:
    """The lines that say something, with their numbers from 1 on."""
    return ((number, line) for number, line in enumerate(lines, 1) if line.strip())

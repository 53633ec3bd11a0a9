"""What event does a record hold, and what is kept of a record that holds none?"""

from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec

from schemas.dead_letters import DeadLetter, Reason, shape_error
from schemas.event import Event, PipelineTick, Topic, decoders, derive_id, header
from stream.flow import Message, Origin, Outgoing, Received, outgoing
from stream.settings import VERSION


class Decoded(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one record: a message, a letter, or neither (a type from the future)."""

    received: Received
    message: Message | None = None
    letter: DeadLetter | None = None


class Decode:
    """Strict decoding of the event types that one flow knows."""

    def __init__(self, events: Iterable[type[Event]], *, service: str) -> None:
        self._decoders = decoders((*events, PipelineTick))
        self._service = service

    def __call__(self, received: Received) -> Decoded:
        """The event, or a dead letter; a type that this build does not know gives neither."""
        try:
            kind = header(received.headers, "ce_type") or _type_of(received.value)
            decoder = self._decoders.get(kind)
            if decoder is None:
                return Decoded(received=received)
            event = decoder.decode(received.value or b"")
        except msgspec.ValidationError as error:
            return self.kept(received, Reason.wrong_shape, shape_error(error))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            return self.kept(received, Reason.not_json, f"expected JSON in UTF-8: {error}")
        return Decoded(received=received, message=Message(event=event, received=received))

    def kept(self, received: Received, reason: Reason, detail: str) -> Decoded:
        """The record kept aside byte for byte; the same record gives the same letter."""
        where = f"{received.topic}/{received.partition}/{received.offset}"
        letter = DeadLetter(
            event_id=derive_id(where, "DeadLetter", self._service),
            occurred_at=datetime.fromtimestamp(received.timestamp_ms / 1000, UTC),
            topic=received.topic,
            partition=received.partition,
            offset=received.offset,
            timestamp_ms=received.timestamp_ms,
            key=received.key,
            headers=received.headers,
            value=received.value,
            reason=reason,
            detail=detail,
            service=self._service,
            version=VERSION,
        )
        return Decoded(received=received, letter=letter)


def letter_out(letter: DeadLetter, topic: Topic) -> Outgoing:
    """A dead letter on its way, under its original key and partition number."""
    out = outgoing(
        letter,
        topic=topic,
        key=f"{letter.topic}/{letter.partition}/{letter.offset}",
        partition=letter.partition,
        origin=Origin(service=letter.service, brand=header(letter.headers, "otklik_brand") or ""),
    )
    return msgspec.structs.replace(out, key=letter.key or b"")


class _Tagged(msgspec.Struct, frozen=True):
    type: str


def _type_of(value: bytes | None) -> str:
    return msgspec.json.decode(value or b"", type=_Tagged).type

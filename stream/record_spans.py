"""Which spans does a flow have in hand? One a record, until its effects took hold."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

import msgspec
from opentelemetry.trace import Span

from schemas.event import PipelineTick, header
from stream.decode import Decoded
from stream.flow import Received, Where
from stream.spans import Spans, context_of, failed, header_of, in_hand, tried

OPEN = 2_000
"""More records than are ever in hand: beyond that some were left to another replica."""


class Records:
    """The spans of what a flow has in hand, each from the first attempt until it took hold.

    A record that is tried again keeps its span: what it gives must be the same bytes each time, or
    what is on its way already would be sent once more.
    """

    def __init__(self, spans: Spans) -> None:
        self._spans, self._held = spans, ExitStack()
        self._open: dict[tuple[Where, int], Span] = {}

    @contextmanager
    def attempt(self, records: Sequence[Received]) -> Iterator[None]:
        """One attempt at a step; the spans of its records end where it takes hold."""
        if len(self._open) > OPEN:
            self._open.clear()
        try:
            with ExitStack() as self._held:
                yield
        except BaseException as error:
            for span in filter(None, (self._open.get(_key(one)) for one in records)):
                tried(span, error)
            raise
        for span in filter(None, (self._open.pop(_key(one), None) for one in records)):
            span.end()

    def begun(self, decoded: Sequence[Decoded]) -> Sequence[Decoded]:
        """The same; what is traced carries its own span on, and dead letters mark theirs."""
        traced = [self._begun(one) for one in decoded]
        spans = [self._open[key] for one in decoded if (key := _key(one.received)) in self._open]
        if len(decoded) == 1 and spans:
            self._held.enter_context(in_hand(spans[0]))
        elif any(span.is_recording() for span in spans):
            self._held.enter_context(self._spans.batch(spans, len(decoded)))
        return traced

    def given_up(self, received: Received, error: BaseException) -> None:
        """The record that stops its partition."""
        if span := self._open.pop(_key(received), None):
            failed(span, error)
            span.end()

    def _begun(self, one: Decoded) -> Decoded:
        event = one.message.event if one.message else None
        if isinstance(event, PipelineTick) or not (event or one.letter):
            return one
        span = self._span(one.received)
        if span is None:
            return one
        if one.letter:
            failed(span, one.letter.reason.value)
        return _carrying(one, span)

    def _span(self, received: Received) -> Span | None:
        """None for what is known to be recorded by nobody: it carries on what it has."""
        key = _key(received)
        if key not in self._open:
            parent = context_of(header(received.headers, "traceparent"))
            if parent and not parent.trace_flags.sampled:
                return None
            self._open[key] = self._spans.process(received, parent)
        return self._open[key]


def _carrying(one: Decoded, span: Span) -> Decoded:
    """With the span as what its effects follow from; the record itself stays as it came."""
    if one.message is None:
        return one
    others = (pair for pair in one.received.headers if pair[0] != "traceparent")
    headers = (*others, ("traceparent", header_of(span).encode()))
    received = msgspec.structs.replace(one.received, headers=headers)
    message = msgspec.structs.replace(one.message, received=received)
    return msgspec.structs.replace(one, message=message)


def _key(received: Received) -> tuple[Where, int]:
    return received.where, received.offset

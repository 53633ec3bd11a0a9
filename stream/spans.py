"""What does a span say? Places, counts and kinds of errors by their standard names, no content.

The conventions for messaging are still in development: their names stand here and nowhere else.
No key, no body, no text, no name and no message of an exception is ever put into a span.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from threading import Thread
from typing import Any

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import (
    ALWAYS_ON,
    ParentBased,
    Sampler,
    SamplingResult,
    TraceIdRatioBased,
)
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    StatusCode,
    TraceFlags,
    get_current_span,
    set_span_in_context,
    use_span,
)

from stream.flow import Received
from stream.settings import VERSION

LINKS = 128
"""So many causes of one span are named; the rest is a count."""
EXPORT_SECONDS = 2.0
CLOSE_SECONDS = 2.0

Said = Mapping[str, str | int]

_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_ERROR, _EXCEPTION = "error.type", "exception.type"
_STATUS = "http.response.status_code"
_COUNT = "messaging.batch.message_count"


def context_of(traceparent: str | None) -> SpanContext | None:
    """The span that a W3C header names; None where it names none."""
    found = _TRACEPARENT.fullmatch(traceparent or "")
    if not found:
        return None
    trace, span, flags = (int(part, 16) for part in found.groups()[:3])
    context = SpanContext(trace, span, is_remote=True, trace_flags=TraceFlags(flags))
    return context if context.is_valid else None


def header_of(span: Span) -> str:
    """What names a span to the next process."""
    one = span.get_span_context()
    return f"00-{one.trace_id:032x}-{one.span_id:016x}-{one.trace_flags:02x}"


def failed(span: Span, error: BaseException | str) -> None:
    """Mark a span by the kind of the error: its message may quote data."""
    kind = error if isinstance(error, str) else type(error).__name__
    span.set_attribute(_ERROR, kind)
    span.set_status(StatusCode.ERROR)


def tried(span: Span, error: BaseException) -> None:
    """Note a failure after which it goes on."""
    span.add_event("exception", {_EXCEPTION: type(error).__name__})


def in_hand(span: Span) -> AbstractContextManager[Span]:
    """What is logged and what is sent meanwhile belongs to this span; it goes on afterwards."""
    return use_span(span, record_exception=False, set_status_on_exception=False)


def exported(endpoint: str, group: str, *, ratio: float) -> "Spans":
    """Spans that a collector gets; one that is away holds up nothing, and what waits is dropped."""
    url = f"{endpoint.rstrip('/')}/v1/traces"
    exporter = OTLPSpanExporter(endpoint=url, timeout=EXPORT_SECONDS)
    return Spans(BatchSpanProcessor(exporter), group, ratio=ratio)


class _Root(Sampler):
    """What follows from something that is recorded is recorded; of all else a share."""

    def __init__(self, ratio: float) -> None:
        self._share = TraceIdRatioBased(ratio)

    def should_sample(self, *about: Any, **more: Any) -> SamplingResult:
        return (ALWAYS_ON if more.get("links") else self._share).should_sample(*about, **more)

    def get_description(self) -> str:
        return f"Linked or {self._share.get_description()}"


class Spans:
    """The spans of one process; its group names it, as it names it on the broker."""

    def __init__(self, processor: SpanProcessor, group: str, *, ratio: float) -> None:
        resource = Resource.create({"service.name": group, "service.version": VERSION})
        sampler = ParentBased(_Root(ratio))
        self._provider = TracerProvider(sampler, resource, shutdown_on_exit=False)
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("otklik", VERSION)
        self._prefix, self._group = group.rpartition(".")[0], group

    def close(self) -> None:
        """Hand over what has ended, within the time that there is."""
        closing = Thread(target=self._provider.shutdown, daemon=True)
        closing.start()
        closing.join(CLOSE_SECONDS)

    def trace_id(self) -> str | None:
        """The trace of the span in hand."""
        one = get_current_span().get_span_context()
        return f"{one.trace_id:032x}" if one.is_valid else None

    def traceparent(self) -> str | None:
        """The span in hand, as the next process is told of it."""
        span = get_current_span()
        return header_of(span) if span.get_span_context().is_valid else None

    def recorded(self, traceparent: str) -> tuple[str, ...]:
        """The header, where what it names is recorded."""
        context = context_of(traceparent)
        return (traceparent,) if context and context.trace_flags.sampled else ()

    @contextmanager
    def serving(
        self, method: str, route: str, given: str | None
    ) -> Iterator[Callable[[int], None]]:
        """A request of another system; the trace that its sender gave goes on."""
        said = {"http.request.method": method, "http.route": route}
        with self._held(f"{method} {route}", SpanKind.SERVER, said, parent=given) as span:
            yield lambda status: _answered(span, status)

    @contextmanager
    def sending(self, topic: str, given: str | None, count: int) -> Iterator[str | None]:
        """Records until all of them are acked."""
        said = {**self._place(topic, "send"), _COUNT: count}
        parent = self.traceparent() or given
        with self._held(f"send {topic}", SpanKind.PRODUCER, said, parent=parent) as span:
            yield header_of(span)

    def announced(self, topic: str, cause: str) -> str:
        """What falls due is a trace of its own: its cause may be hours old."""
        links = self.links([cause])
        if not links:
            return cause
        said = self._place(topic, "send")
        with self._held(f"send {topic}", SpanKind.PRODUCER, said, links=links) as span:
            return header_of(span)

    @contextmanager
    def delivering(self, channel: str, attempt: int, causes: Sequence[str]) -> Iterator[None]:
        """One attempt to reach people."""
        links = self.links(causes)
        said: Said = {"otklik.channel": channel, "otklik.attempt": attempt}
        with self._held("deliver alert", SpanKind.CLIENT, said, links=links):
            yield

    def batch(self, spans: Sequence[Span], count: int) -> AbstractContextManager[Span]:
        """A step for several records, linked to the spans of those that are recorded."""
        links = [Link(span.get_span_context()) for span in spans if span.is_recording()]
        said = {**self._place("", "process"), _COUNT: count}
        return self._held("process batch", SpanKind.CONSUMER, said, links=links[:LINKS])

    def process(self, received: Received, parent: SpanContext | None) -> Span:
        """The way of one record through this process."""
        said = {
            **self._place(received.topic, "process"),
            "messaging.destination.partition.id": str(received.partition),
            "messaging.kafka.offset": received.offset,
        }
        name, kind = f"process {received.topic}", SpanKind.CONSUMER
        return self._tracer.start_span(name, _under(parent), kind, said)

    def commands(self, app: Any) -> Any:
        """An ASGI app, with a span for each request that changes something."""

        async def traced(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] != "http" or scope["method"] in _READS:
                await app(scope, receive, send)
                return
            given = dict(scope["headers"]).get(b"traceparent", b"").decode("latin-1")
            with self._held(scope["method"], SpanKind.SERVER, {}, parent=given) as span:

                async def answer(message: Any) -> None:
                    if message["type"] == "http.response.start":
                        _asked(span, scope)
                        _answered(span, message["status"])
                    await send(message)

                await app(scope, receive, answer)

        return traced

    @staticmethod
    def links(causes: Sequence[str]) -> list[Link]:
        """To what is recorded of these."""
        known = (context_of(one) for one in dict.fromkeys(causes))
        return [Link(one) for one in known if one and one.trace_flags.sampled][:LINKS]

    def _place(self, topic: str, operation: str) -> dict[str, str | int]:
        said: dict[str, str | int] = {
            "messaging.system": "kafka",
            "messaging.operation.type": operation,
        }
        if topic:
            said["messaging.destination.name"] = f"{self._prefix}.{topic}"
        if operation == "process":
            said["messaging.consumer.group.name"] = self._group
        return said

    @contextmanager
    def _held(
        self,
        name: str,
        kind: SpanKind,
        said: Said,
        *,
        parent: str | None = None,
        links: Sequence[Link] = (),
    ) -> Iterator[Span]:
        """A span in hand; the kind of an error marks it."""
        above = _under(context_of(parent))
        span = self._tracer.start_span(name, above, kind, said, links or None)
        with in_hand(span):
            try:
                yield span
            except BaseException as error:
                failed(span, error)
                raise
            finally:
                span.end()


def _under(parent: SpanContext | None) -> Context:
    return set_span_in_context(NonRecordingSpan(parent), Context()) if parent else Context()


def _asked(span: Span, scope: Any) -> None:
    """By the template of the path, which is known once it was routed."""
    route, method = getattr(scope.get("route"), "path", ""), scope["method"]
    span.update_name(f"{method} {route}".strip())
    span.set_attribute("http.request.method", method)
    span.set_attribute("http.route", route)


def _answered(span: Span, status: int) -> None:
    span.set_attribute(_STATUS, status)
    if status >= 500:
        failed(span, str(status))

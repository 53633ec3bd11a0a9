"""How do tests see what is traced? Spans are kept in memory, in the order in which they end."""

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from stream.spans import Spans
from stream.trace import using

HOURS_AGO = f"00-{'a' * 32}-{'b' * 16}-01"
NOBODYS = f"00-{'c' * 32}-{'d' * 16}-00"
"""What records may carry: a trace that somebody records, and one that nobody does."""


class Seen:
    """The spans that have ended."""

    def __init__(self) -> None:
        self.exporter = InMemorySpanExporter()

    @property
    def spans(self) -> list[ReadableSpan]:
        """All of them."""
        return list(self.exporter.get_finished_spans())

    @property
    def names(self) -> list[str]:
        """What they are called."""
        return [span.name for span in self.spans]

    def named(self, name: str) -> list[ReadableSpan]:
        """Those of that name."""
        return [span for span in self.spans if span.name == name]

    def text(self) -> str:
        """All that a backend is told."""
        return "\n".join(f"{span.to_json()}" for span in self.spans)


@contextmanager
def traced(*, ratio: float = 1.0) -> Iterator[Seen]:
    """Trace this process, as service ``probe`` of installation ``test``."""
    seen = Seen()
    with using(Spans(SimpleSpanProcessor(seen.exporter), "test.probe", ratio=ratio)):
        yield seen


def parent_of(span: ReadableSpan) -> str:
    """The id of the span that it follows from, or nothing."""
    return f"{span.parent.span_id:016x}" if span.parent else ""


def ids_of(span: ReadableSpan) -> tuple[str, str]:
    """Its trace and its own id."""
    context = span.get_span_context()
    assert context
    return f"{context.trace_id:032x}", f"{context.span_id:016x}"


def name_of(span: ReadableSpan) -> str:
    """What names it to the next process."""
    context = span.get_span_context()
    assert context
    return f"00-{'-'.join(ids_of(span))}-{context.trace_flags:02x}"


def links_of(span: ReadableSpan) -> set[tuple[str, str]]:
    """The traces and spans that it is linked to."""
    found = (link.context for link in span.links)
    return {(f"{one.trace_id:032x}", f"{one.span_id:016x}") for one in found}


def said_of(span: ReadableSpan) -> dict[str, object]:
    """Its attributes."""
    return dict(span.attributes or {})

"""A collector of traces over real HTTP: it decodes what an exporter sends, and counts who comes.

It lives in a thread of its own, so it goes on while a test waits for processes.
"""

import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import KeyValue

Said = Mapping[str, str | int]


@dataclass(frozen=True)
class Told:
    """A span as it came over the wire; ``links`` are pairs of a trace and a span."""

    service: str
    name: str
    trace: str
    id: str
    parent: str
    links: tuple[tuple[str, str], ...]
    said: Said
    error: bool


class Collector:
    """What came so far."""

    def __init__(self) -> None:
        self.requests: list[ExportTraceServiceRequest] = []
        self.paths: list[str] = []

    @property
    def spans(self) -> list[Told]:
        """Every span, in the order in which they came."""
        return [
            Told(
                service=str(_said(resource.resource.attributes)["service.name"]),
                name=span.name,
                trace=span.trace_id.hex(),
                id=span.span_id.hex(),
                parent=span.parent_span_id.hex(),
                links=tuple((one.trace_id.hex(), one.span_id.hex()) for one in span.links),
                said=_said(span.attributes),
                error=span.status.code == span.status.STATUS_CODE_ERROR,
            )
            for request in list(self.requests)
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    def named(self, name: str) -> list[Told]:
        """The spans of that name."""
        return [span for span in self.spans if span.name == name]

    def everything(self) -> str:
        """All that was told, resources, events and links as well, as text."""
        texts = (f"{request!s}".encode().decode("unicode_escape") for request in self.requests)
        return "\n".join(text.encode("latin-1").decode("utf-8", "replace") for text in texts)


@contextmanager
def collecting() -> Iterator[tuple[Collector, str]]:
    """A collector and where it listens."""
    found = Collector()

    class Handler(BaseHTTPRequestHandler):
        """One request of an exporter."""

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            found.paths.append(self.path)
            found.requests.append(ExportTraceServiceRequest.FromString(body))
            answer = ExportTraceServiceResponse().SerializeToString()
            self.send_response(200)
            self.send_header("content-type", "application/x-protobuf")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *about: object) -> None:
            """Tests have enough to read."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield found, f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def _said(pairs: Iterable[KeyValue]) -> Said:
    return {one.key: one.value.string_value or one.value.int_value for one in pairs}

"""Where is a post on its way? Told to a tracing backend, and nothing is done while there is none.

What a span may say stands in ``stream.spans``, which is imported only where spans are wanted.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from stream.settings import BadSettings, StreamSettings

if TYPE_CHECKING:
    from stream.record_spans import Records
    from stream.spans import Spans


class _Here:
    """The spans of this process, where somebody wants any."""

    spans: "Spans | None" = None


_HERE = _Here()


@contextmanager
def tracing(settings: StreamSettings, service: str) -> Iterator[None]:
    """Trace while this is held, if there is a collector; raises ``BadSettings``."""
    if not settings.otel_exporter_otlp_endpoint:
        yield
        return
    with using(_exported(settings, service)):
        yield


@contextmanager
def using(spans: "Spans") -> Iterator[None]:
    """Trace with these while this is held; what has ended by then is handed over."""
    _HERE.spans = spans
    try:
        yield
    finally:
        _HERE.spans = None
        spans.close()


def _exported(settings: StreamSettings, service: str) -> "Spans":
    endpoint = settings.otel_exporter_otlp_endpoint
    if not endpoint.startswith(("http://", "https://")):
        raise BadSettings("OTEL_EXPORTER_OTLP_ENDPOINT: expected http://HOST:PORT or https://")
    try:
        from stream.spans import exported
    except ImportError as error:
        wanted = (
            "expected the packages opentelemetry-sdk and opentelemetry-exporter-otlp-proto-http"
        )
        raise BadSettings(f"OTEL_EXPORTER_OTLP_ENDPOINT: {wanted}, got {error}") from error
    group = f"{settings.topic_prefix}.{service}"
    return exported(endpoint, group, ratio=settings.otel_traces_sampler_arg)


def of_records() -> "Records | None":
    """What traces the records of a flow."""
    if _HERE.spans is None:
        return None
    from stream.record_spans import Records

    return Records(_HERE.spans)


def trace_id() -> str | None:
    """The trace of the span in hand, for a line of the log."""
    return _HERE.spans.trace_id() if _HERE.spans else None


def carried(given: str | None = None) -> str | None:
    """What an effect carries on: the span in hand, or what was given."""
    return (_HERE.spans.traceparent() if _HERE.spans else None) or given


def remembered(traceparent: str | None) -> tuple[str, ...]:
    """What is kept with something that is told hours later: a trace that is recorded, or none."""
    return _HERE.spans.recorded(traceparent) if _HERE.spans and traceparent else ()


def serving(
    method: str, route: str, given: str | None
) -> AbstractContextManager[Callable[[int], None]]:
    """A span for a request, which goes on what its sender gave; call what it yields by the status.

    ``route`` is the template of the path, never the path.
    """
    return _HERE.spans.serving(method, route, given) if _HERE.spans else nullcontext(_unheard)


def sending(topic: str, given: str | None, count: int) -> AbstractContextManager[str | None]:
    """A span for records until they are acked; yields what they carry."""
    return _HERE.spans.sending(topic, given, count) if _HERE.spans else nullcontext(given)


def announced(topic: str, cause: str | None) -> str | None:
    """What an announcement carries, which is linked to a cause of maybe hours ago."""
    return _HERE.spans.announced(topic, cause) if _HERE.spans and cause else cause


def delivering(channel: str, attempt: int, causes: Sequence[str]) -> AbstractContextManager[None]:
    """A span for one attempt to reach people, linked to what caused it, if that is recorded."""
    if _HERE.spans and causes:
        return _HERE.spans.delivering(channel, attempt, causes)
    return nullcontext()


def commands(app: Any) -> Any:
    """The ASGI app, with a span for each request that changes something."""
    return _HERE.spans.commands(app) if _HERE.spans else app


def _unheard(_: int) -> None:
    """Nobody traces."""

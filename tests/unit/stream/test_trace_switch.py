"""Whether a process traces at all is a setting; off, nothing of it is there.

The inputs that break the easy version: a collector that never answers, while the process is to
stop; packages that are not installed; a share that is none.
"""

import socket
import subprocess
import sys

import pytest

from schemas.topics import SERVICES
from stream import trace
from stream.clock import parse_clock
from stream.settings import BadSettings, StreamSettings, load
from stream.spans import CLOSE_SECONDS
from tests.processes import ROOT
from tests.traced import HOURS_AGO, NOBODYS

CLOCK = parse_clock("")
WANTED = ("opentelemetry.sdk", "opentelemetry.exporter", "google.protobuf", "stream.spans")
"""What only tracing needs; some library of ours imports OpenTelemetry's own interface itself."""


def test_off_nothing_is_kept_and_everything_is_passed_on() -> None:
    assert trace.carried(NOBODYS) == NOBODYS
    assert trace.carried() is None
    assert trace.trace_id() is None
    assert trace.remembered(HOURS_AGO) == ()
    assert trace.announced("sla.v1", HOURS_AGO) == HOURS_AGO
    assert trace.of_records() is None
    assert trace.commands(test_off_nothing_is_kept_and_everything_is_passed_on) is (
        test_off_nothing_is_kept_and_everything_is_passed_on
    )
    with trace.sending("posts.v1", HOURS_AGO, 1) as carried:
        assert carried == HOURS_AGO


def test_off_the_packages_are_not_even_imported() -> None:
    apps = ", ".join(f"services.{name}.app" for name in SERVICES)
    asks = (
        f"import sys, {apps}, stream.trace as trace\n"
        "from stream.settings import StreamSettings\n"
        "with trace.tracing(StreamSettings(), 'probe'): trace.of_records()\n"
        f"print([name for name in {WANTED} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", asks], cwd=ROOT, capture_output=True, check=True)

    assert done.stdout.strip() == b"[]"


@pytest.mark.parametrize("ratio", ["-0.1", "1.5", "some"])
def test_a_share_is_between_none_and_all(ratio: str) -> None:
    with pytest.raises(BadSettings, match="OTEL_TRACES_SAMPLER_ARG"):
        load(StreamSettings, {"OTEL_TRACES_SAMPLER_ARG": ratio})


def test_a_collector_has_an_address() -> None:
    settings = StreamSettings(otel_exporter_otlp_endpoint="collector:4317")

    with pytest.raises(BadSettings, match="expected http://"), trace.tracing(settings, "probe"):
        pass


def test_a_collector_that_never_answers_holds_up_no_stop() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        settings = StreamSettings(otel_exporter_otlp_endpoint=address)
        with trace.tracing(settings, "probe"):
            trace.announced("sla.v1", HOURS_AGO)
            stopping = CLOCK.monotonic()

    assert CLOCK.monotonic() - stopping < CLOSE_SECONDS + 1


def test_without_the_packages_the_setting_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = StreamSettings(otel_exporter_otlp_endpoint="http://127.0.0.1:4318")
    monkeypatch.delitem(sys.modules, "stream.spans")
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)

    with pytest.raises(BadSettings, match="opentelemetry-sdk"), trace.tracing(settings, "probe"):
        pass

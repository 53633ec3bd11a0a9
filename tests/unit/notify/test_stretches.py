"""Every instant of the rolling spans lies in one stretch, which knows all the spans it is in.

The inputs that break the easy version: an instant on the border of two stretches; one before all
spans; now itself, which no span holds.
"""

from datetime import UTC, datetime, timedelta

import pytest

from services.notify.domain.stretches import stretches

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DAY, INSTANT = timedelta(days=1), timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("ago", "spans"),
    [
        (timedelta(0), set()),
        (INSTANT, {"24h actual", "30d actual"}),
        (DAY, {"24h actual", "30d actual"}),
        (DAY + INSTANT, {"24h previous", "30d actual"}),
        (2 * DAY, {"24h previous", "30d actual"}),
        (2 * DAY + INSTANT, {"30d actual"}),
        (30 * DAY, {"30d actual"}),
        (30 * DAY + INSTANT, {"30d previous"}),
        (60 * DAY, {"30d previous"}),
        (60 * DAY + INSTANT, set()),
    ],
)
def test_an_instant_is_in_the_spans_that_hold_it(ago: timedelta, spans: set[str]) -> None:
    at = NOW - ago

    found = [one for one in stretches(NOW) if one.since <= at < one.until]

    assert len(found) == bool(spans)
    assert {" ".join(span) for one in found for span in one.spans} == spans

"""What platforms write becomes one id, one time, one answer.

The inputs that break the easy version: milliseconds where seconds are usual, an offset without a
colon, a secret that is not ASCII.
"""

from datetime import UTC, datetime

import msgspec
import pytest

from schemas.dead_letters import Reason
from services.ingest.domain.receipt import Refused
from services.ingest.platforms.wire import decoded, instant, is_one_of, text_of, web

AT = datetime(2026, 3, 2, 9, 59, tzinfo=UTC)


class Named(msgspec.Struct, frozen=True):
    """A payload that says a name."""

    name: str


NAMED = msgspec.json.Decoder(Named)


@pytest.mark.parametrize(
    "given",
    [
        1772445540,
        1772445540000,
        1772445540.0,
        "1772445540",
        "1772445540000",
        "2026-03-02T09:59:00Z",
        "2026-03-02T09:59:00.000Z",
        "2026-03-02T12:59:00+0300",
        "2026-03-02T11:59:00+02:00",
    ],
)
def test_one_instant_is_written_in_many_ways(given: str | float) -> None:
    assert instant(given) == AT


def test_milliseconds_are_kept() -> None:
    assert instant(1457764197627) == datetime(2016, 3, 12, 6, 29, 57, 627000, UTC)


@pytest.mark.parametrize(
    "given",
    [
        None,
        "",
        "вчера",
        "2026-03-02T09:59:00",
        "٣",
        "9" * 30,
        4977069964384421269,
        1e300,
        float("inf"),
        -(2**70),
        "0001-01-01T00:00:00+14:00",
    ],
)
def test_what_is_no_time_with_a_zone_is_none(given: str | float | None) -> None:
    assert instant(given) is None


@pytest.mark.parametrize(("given", "text"), [(5, "5"), ("5", "5"), ("", None), (None, None)])
def test_an_id_is_text_or_nothing(given: str | int | None, text: str | None) -> None:
    assert text_of(given) == text


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b'{"name": 5}', Reason.wrong_shape),
        (b'{"name": "a"', Reason.not_json),
        (b'{"name": "\xff"}', Reason.not_json),
        (b'{"name": "a", "more": ' + b"[" * 100_000, Reason.not_json),
    ],
)
def test_what_cannot_be_read_says_why(payload: bytes, reason: Reason) -> None:
    found = decoded(payload, NAMED)

    assert isinstance(found, Refused)
    assert found.reason is reason


def test_a_lone_surrogate_loses_no_payload() -> None:
    assert decoded(b'{"name": "\\ud83d!"}', NAMED) == Named(name="\ufffd!")


@pytest.mark.parametrize(
    ("given", "live", "known"),
    [
        ("a", ("a",), True),
        ("b", ("a", "b"), True),
        ("пароль", ("пароль",), True),
        ("a", ("b",), False),
        ("a", (), False),
        ("", ("",), False),
        ("\ud83d", ("?",), False),
    ],
)
def test_a_secret_is_known_or_not(given: str, live: tuple[str, ...], *, known: bool) -> None:
    assert is_one_of(given, live) is known


def test_only_addresses_of_the_web_travel_on() -> None:
    assert web("HTTPS://bank.example") == "HTTPS://bank.example"
    assert web("javascript:alert(1)") is None
    assert web(None) is None

"""A figure is said as Grafana says it, and an axis counts in round ones.

The inputs that break the easy version: 900 seconds, 0.2 seconds, 0; a share; a count of thousands;
what arithmetic leaves behind a number; minutes on an axis of seconds.
"""

import pytest

from docs.units import said, ticks


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (0, "s", "0 s"),
        (0, "bytes", "0 B"),
        (4096, "bytes", "4 KiB"),
        (3 * 2**19, "bytes", "1.50 MiB"),
        (0.2, "s", "200 ms"),
        (28.55, "s", "28.6 s"),
        (900, "s", "15 min"),
        (5400, "s", "1.50 hour"),
        (2.5, "h", "2.50 hour"),
        (0, "h", "0 hour"),
        (3, "percentunit", "300%"),
        (-0.24, "percentunit", "-24%"),
        (0.95 - 0.9000000000000001, "percentunit", "5%"),
        (9000, "short", "9 K"),
        (2, "short", "2"),
        (0.5, "cps", "0.500 c/s"),
        (2, "reqps", "2 req/s"),
    ],
)
def test_a_figure_is_said_as_grafana_says_it(value: float, unit: str, words: str) -> None:
    assert said(value, unit) == words


def test_a_unit_that_no_panel_has_is_an_error() -> None:
    with pytest.raises(KeyError):
        said(1, "parsecs")


@pytest.mark.parametrize(
    ("top", "unit", "words"),
    [
        (900, "s", ["0 s", "5 min", "10 min", "15 min"]),
        (0.955, "s", ["0 s", "200 ms", "400 ms", "600 ms", "800 ms"]),
        (2, "reqps", ["0 req/s", "0.5 req/s", "1 req/s", "1.5 req/s", "2 req/s"]),
        (9, "short", ["0", "2", "4", "6", "8"]),
        (9000, "short", ["0", "2 K", "4 K", "6 K", "8 K"]),
        (1, "short", ["0", "1"]),
        (0, "short", ["0", "1"]),
    ],
)
def test_an_axis_counts_in_round_ones(top: float, unit: str, words: list[str]) -> None:
    assert [word for _, word in ticks(top, unit)] == words

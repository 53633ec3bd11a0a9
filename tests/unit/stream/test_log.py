"""A log stays readable in an outage: client libraries are held short, our own lines never.

The inputs that break the easy version: a logger that floods beside one that is quiet, a flood
that goes on into the next window, a library whose name begins like ours.
"""

import logging

import msgspec

from stream.log import LINES, WINDOW_SECONDS, JsonLines, Sparing


def said(name: str, at: float) -> logging.LogRecord:
    return logging.makeLogRecord({"name": name, "created": at, "msg": "no broker"})


def test_a_flood_of_one_client_becomes_a_few_lines() -> None:
    sparing = Sparing()

    through = [sparing.filter(said("aiokafka.conn", 0.01 * n)) for n in range(1000)]

    assert through == [True] * LINES + [False] * (1000 - LINES)
    assert sparing.filter(said("faust.transport", 1)), "another logger has its own few"


def test_the_next_window_says_how_many_were_left_out() -> None:
    sparing = Sparing()
    for _ in range(1000):
        sparing.filter(said("aiokafka", 0))
    first, second = said("aiokafka", WINDOW_SECONDS), said("aiokafka", WINDOW_SECONDS)

    assert sparing.filter(first)
    assert sparing.filter(second)

    assert msgspec.json.decode(JsonLines("probe").format(first))["count"] == 1000 - LINES
    assert "count" not in msgspec.json.decode(JsonLines("probe").format(second))


def test_our_own_lines_are_all_written() -> None:
    sparing = Sparing()

    assert all(sparing.filter(said("stream.faust_app", 0)) for _ in range(1000))
    assert all(sparing.filter(said("fausto", 0)) for _ in range(1000))

"""What should have come of it? The story's steps and the policy's text, put before the pencil.

It shares nothing with the services but the policy file as a text: each clock is read off its
definition (tests.clock_oracle), and nothing is merged.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from schemas.calendars import Calendar
from tests import clock_oracle
from tests.clock_oracle import CLOCKS, Fact, Promised, Run

POLICY = Path(__file__).parents[2] / "services/route/policy/default.yaml"
SECONDS = {"m": 60, "h": 3600, "d": 86_400}
COMES_BACK = {"k": "i"}
"""Every acknowledgement of the story says that we will come back."""
OFFICE = Calendar(
    timezone="Europe/Sofia",
    weekly={
        **dict.fromkeys(
            ("mon", "tue", "wed", "thu", "fri"), (("09:00", "13:00"), ("14:00", "18:00"))
        ),
        "sat": (("10:00", "15:00"),),
    },
)
ALWAYS = Calendar(
    timezone="UTC",
    weekly=dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), (("00:00", "24:00"),)),
)


class Said(NamedTuple):
    """A step by its letter, at its time; ``X`` is the closing by hand."""

    what: str
    at: datetime
    until: datetime | None = None


def episodes(said: Sequence[Said], reopen_within: timedelta) -> list[list[Said]]:
    """A case in time, cut where the customer came back too long after the closing."""
    found: list[list[Said]] = [[]]
    for one in sorted(said, key=lambda one: one.at):
        closed = [x.at for x in found[-1] if x.what == "X"]
        if one.what == "c" and closed and one.at - max(closed) > reopen_within:
            found.append([])
        found[-1].append(one)
    return found


def runs(episode: Sequence[Said], terms: Mapping[str, Any]) -> list[Run]:
    """Every cycle of every clock that the terms promise."""
    return clock_oracle.runs(list(_facts(episode)), _promised(terms))


def overdue(run: Run, terms: Mapping[str, Any], at: datetime) -> bool:
    """Has a clock that still runs used up its target by then?"""
    return clock_oracle.overdue((), _promised(terms), run, at)


@cache
def terms_of(name: str) -> Mapping[str, Any]:
    """What the policy's text promises under a name."""
    promised: Mapping[str, Any] = yaml.safe_load(POLICY.read_text(encoding="utf-8"))["sla"][name]
    return promised


def seconds(text: str) -> int:
    """The policy's durations."""
    return int(text[:-1]) * SECONDS[text[-1]]


def _facts(episode: Sequence[Said]) -> Iterator[Fact]:
    """The steps as the pencil knows them; words to a closed case open it again as they come."""
    closed = False
    for what, at, until in sorted(episode, key=lambda one: one.at):
        yield Fact(COMES_BACK.get(what, what), at, until=until)
        if what == "c" and closed:
            yield Fact("O", at)
        closed = what == "X" or (closed and what != "c")


def _promised(terms: Mapping[str, Any]) -> Promised:
    targets = {clock: seconds(terms[clock]) for clock in CLOCKS if clock in terms}
    return Promised(targets, OFFICE if terms["calendar"] == "office" else ALWAYS)

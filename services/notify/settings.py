"""What does notify need to know to run? One typed struct from the environment."""

import os
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated

import msgspec

from schemas.states import ClockName
from services.notify.domain.figures import BOUNDS, Goal, read_bound
from services.notify.domain.report import SORTS, Figure, Goals, Wanted
from stream.settings import BadSettings, PumpName, StoreSettings, about, load


class Settings(StoreSettings, frozen=True, kw_only=True, rename="upper"):
    """Notify's settings."""

    database_url: Annotated[str, about("SQLite file or PostgreSQL; SQLite means one replica.")] = (
        "sqlite:///notify.db"
    )
    pump: Annotated[PumpName, about("What reads tickets.v1: `faust` or `aiokafka`.")] = "faust"
    max_pipeline_age: Annotated[
        float, about("Real seconds without a tick after which deadlines are announced blind.")
    ] = 120.0
    goals: Annotated[str, about("JSON, clock to the percentage that is to be in time.")] = (
        '{"first_response": 90, "resolution": 80, "closing": 90}'
    )
    bound_goals: Annotated[
        str,
        about(
            "JSON, `1h`, `6h`, `24h` or another time like `15m` to the percentage that is to be"
            " answered within it; a report counts by each."
        ),
    ] = "{}"
    ceilings: Annotated[
        str,
        about("JSON, a figure of docs/figures.md to what it is to be at most, e.g. percent."),
    ] = '{"unanswered_share": 15, "stepped_in": 50, "redirects": 1}'
    cases_per_person: Annotated[
        float, about("How many cases a person handles a day, to tell how many people are needed.")
    ] = 40
    reviewed_a_day: Annotated[
        int, about("How many replies of a team and day a report draws to be read again.")
    ] = 5
    figures_days: Annotated[
        int, about("For how many days posts are counted by reports; after them their rows go.")
    ] = 400
    api_tokens: Annotated[
        str, about("A YAML file of id, role, brands, sha256, expires of the API's tokens; hot.")
    ] = ""


def read(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of this process; raises ``BadSettings``."""
    return load(Settings, environment)


def goals_of(settings: Settings) -> dict[str, float]:
    """The goals by clock; raises ``BadSettings`` for what is no clock or no percentage."""
    goals = _percentages("GOALS", settings.goals, "resolution")
    for clock in goals:
        if ClockName(clock) is ClockName.unknown:
            raise BadSettings(f"GOALS: expected the name of a clock, got {clock!r}")
    return goals


def bound_goals_of(settings: Settings) -> dict[str, float]:
    """The goals by public bound; raises ``BadSettings`` for what is none, or no percentage."""
    goals = _percentages("BOUND_GOALS", settings.bound_goals, "1h")
    for bound in goals:
        _bound(bound)
    return goals


def bounds_of(settings: Settings) -> dict[str, timedelta]:
    """Within which times answers are counted, the shortest first; raises ``BadSettings``."""
    named = {bound: _bound(bound) for bound in bound_goals_of(settings)}
    return dict(sorted({**BOUNDS, **named}.items(), key=lambda one: one[1]))


def wanted(settings: Settings) -> Wanted:
    """What the company counts by; raises ``BadSettings``."""
    if settings.cases_per_person <= 0:
        raise BadSettings(
            f"CASES_PER_PERSON: expected more than 0, got {settings.cases_per_person:g}"
        )
    return Wanted(
        bounds=bounds_of(settings),
        cases_a_day=settings.cases_per_person,
        reviewed_a_day=settings.reviewed_a_day,
    )


def goals_of_figures(settings: Settings) -> Goals:
    """What figures are measured against; raises ``BadSettings``."""
    clocks, bounds = goals_of(settings), bound_goals_of(settings)
    ceilings = _numbers("CEILINGS", settings.ceilings, "unanswered_share")
    for name in ceilings:
        if name not in SORTS:
            raise BadSettings(f"CEILINGS: expected a figure of docs/figures.md, got {name!r}")

    def goal(figure: Figure) -> Goal | None:
        at, percent = dict(figure.at), None
        if figure.name == "attainment":
            percent = clocks.get(at["clock"])
        elif figure.name == "answered_within" and at["clock"] == ClockName.first_response:
            percent = bounds.get(at["bound"])
        elif figure.name in ceilings:
            return Goal(ceilings[figure.name], at_most=True)
        return None if percent is None else Goal(percent)

    return goal


def _bound(text: str) -> timedelta:
    found = read_bound(text)
    if found is None:
        raise BadSettings(f"BOUND_GOALS: expected a time like 15m, 6h or 2d, got {text!r}")
    return found


def _numbers(variable: str, text: str, example: str) -> dict[str, float]:
    try:
        return msgspec.json.decode(text.encode(), type=dict[str, float])
    except msgspec.DecodeError as error:
        like = f'expected JSON like {{"{example}": 80}}'
        raise BadSettings(f"{variable}: {like}: {error}") from error


def _percentages(variable: str, text: str, example: str) -> dict[str, float]:
    goals = _numbers(variable, text, example)
    for name, goal in goals.items():
        if not 0 <= goal <= 100:
            raise BadSettings(f"{variable}: expected a percentage for {name}, got {goal:g}")
    return goals

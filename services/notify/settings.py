"""What does notify need to know to run? One typed struct from the environment."""

import os
from collections.abc import Mapping
from typing import Annotated

import msgspec

from schemas.states import ClockName
from services.notify.domain.figures import BOUNDS
from stream.settings import BadSettings, PumpName, StreamSettings, about, load


class Settings(StreamSettings, frozen=True, kw_only=True, rename="upper"):
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
        str, about("JSON, `1h`, `6h` or `24h` to the percentage that is to be answered within it.")
    ] = "{}"


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
        if bound not in BOUNDS:
            raise BadSettings(f"BOUND_GOALS: expected one of {', '.join(BOUNDS)}, got {bound!r}")
    return goals


def _percentages(variable: str, text: str, example: str) -> dict[str, float]:
    try:
        goals = msgspec.json.decode(text.encode(), type=dict[str, float])
    except msgspec.DecodeError as error:
        like = f'expected JSON like {{"{example}": 80}}'
        raise BadSettings(f"{variable}: {like}: {error}") from error
    for name, goal in goals.items():
        if not 0 <= goal <= 100:
            raise BadSettings(f"{variable}: expected a percentage for {name}, got {goal:g}")
    return goals

"""What does notify need to know to run? One typed struct from the environment."""

import os
from collections.abc import Mapping
from typing import Annotated

import msgspec

from schemas.states import ClockName
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


def read(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of this process; raises ``BadSettings``."""
    return load(Settings, environment)


def goals_of(settings: Settings) -> dict[str, float]:
    """The goals by clock; raises ``BadSettings`` for what is no clock or no percentage."""
    try:
        goals = msgspec.json.decode(settings.goals.encode(), type=dict[str, float])
    except msgspec.DecodeError as error:
        raise BadSettings(f'GOALS: expected JSON like {{"resolution": 80}}: {error}') from error
    for clock, goal in goals.items():
        if ClockName(clock) is ClockName.unknown:
            raise BadSettings(f"GOALS: expected the name of a clock, got {clock!r}")
        if not 0 <= goal <= 100:
            raise BadSettings(f"GOALS: expected a percentage for {clock}, got {goal:g}")
    return goals

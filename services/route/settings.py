"""What does route need to know to run? One typed struct from the environment."""

import os
from collections.abc import Mapping

import msgspec

from stream.settings import BadSettings, StreamSettings, load


class Settings(StreamSettings, frozen=True, kw_only=True, rename="upper"):
    """Route's settings.

    ``channels`` is JSON, channel name to ``log:`` or an https address: the allow-list of alert
    targets. ``api_tokens`` is JSON, bearer token to the person or system that it stands for.
    """

    database_url: str = "sqlite:///route.db"
    policy: str = "services/route/policy/default.yaml"
    channels: str = "{}"
    channel_secret: str = ""
    api_tokens: str = "{}"


def read(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of this process; raises ``BadSettings``."""
    return load(Settings, environment)


def names(text: str, variable: str) -> dict[str, str]:
    """A JSON object of texts, as a setting carries it; raises ``BadSettings``."""
    try:
        return msgspec.json.decode(text.encode(), type=dict[str, str])
    except msgspec.DecodeError as error:
        raise BadSettings(
            f'{variable}: expected a JSON object like {{"a": "b"}}: {error}'
        ) from error

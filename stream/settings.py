"""How does a service learn its settings? One typed, frozen struct from the environment."""

from collections.abc import Mapping
from typing import TypeVar

import msgspec


class StreamSettings(msgspec.Struct, frozen=True, kw_only=True, rename="upper"):
    """What every service needs to take part; names are the environment's, in upper case."""

    kafka_bootstrap_servers: str = "127.0.0.1:9092"
    topic_prefix: str = "otklik"
    partitions: int = 12
    host: str = "127.0.0.1"
    port: int = 0
    clock: str = ""
    log_level: str = "INFO"


S = TypeVar("S", bound=StreamSettings)


class BadSettings(Exception):  # noqa: N818 - reads as what it is
    """A setting is wrong; the message says which, what was expected and what came."""


def load(kind: type[S], environment: Mapping[str, str]) -> S:
    """The settings of a service; a wrong value names its variable, other variables are ignored."""
    names = {field.encode_name for field in msgspec.structs.fields(kind)}
    known = {name: value for name, value in environment.items() if name in names}
    try:
        return msgspec.convert(known, kind, strict=False)
    except msgspec.ValidationError as error:
        raise BadSettings(str(error).replace("`", "").replace(" - at $.", ": ")) from error

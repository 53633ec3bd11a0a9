"""How does a service learn its settings? One typed, frozen struct from the environment."""

from collections.abc import Mapping
from typing import Annotated, Literal, TypeVar

import msgspec

VERSION = "0.1.0"
"""The version of this build, as in pyproject.toml and CHANGELOG.md."""


PumpName = Literal["aiokafka", "faust"]
"""What can read for a service (``stream.pumps``)."""


def about(what: str) -> msgspec.Meta:
    """What a setting does, in one line of docs/configuration.md."""
    return msgspec.Meta(description=what)


class StreamSettings(msgspec.Struct, frozen=True, kw_only=True, rename="upper"):
    """What every service needs to take part; names are the environment's, in upper case."""

    kafka_bootstrap_servers: Annotated[str, about("Brokers, host:port with commas between.")] = (
        "127.0.0.1:9092"
    )
    topic_prefix: Annotated[str, about("The installation; every topic and group is under it.")] = (
        "otklik"
    )
    partitions: Annotated[int, about("Partitions of every topic, fixed at creation.")] = 12
    host: Annotated[str, about("Address that the HTTP server listens on.")] = "127.0.0.1"
    port: Annotated[int, about("Port of the HTTP server; 0 takes a free one.")] = 0
    clock: Annotated[
        str, about("Empty for real time, or START@FACTORx/EPOCH for demos and replays.")
    ] = ""
    quarantine: Annotated[
        str, about("A YAML list of topic, partition, offset to dead-letter undecoded; hot.")
    ] = ""
    log_level: Annotated[str, about("Lowest level that is logged.")] = "INFO"


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

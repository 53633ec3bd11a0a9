"""How does a service learn its settings? One typed, frozen struct from the environment."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import msgspec

VERSION = "0.1.0"
"""The version of this build, as in pyproject.toml and CHANGELOG.md."""


PumpName = Literal["aiokafka", "faust"]
"""What can read for a service (``stream.pumps``)."""

Migrate = Literal["start", "job"]
"""Who migrates a store: each process that starts, or a job that ran before it."""

SecurityProtocol = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
SaslMechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]


def about(what: str) -> msgspec.Meta:
    """What a setting does, in one line of docs/configuration.md."""
    return msgspec.Meta(description=what)


class StreamSettings(msgspec.Struct, frozen=True, kw_only=True, rename="upper"):
    """What every service needs to take part; names are the environment's, in upper case."""

    kafka_bootstrap_servers: Annotated[str, about("Brokers, host:port with commas between.")] = (
        "127.0.0.1:9092"
    )
    kafka_security_protocol: Annotated[
        SecurityProtocol, about("`PLAINTEXT`, `SSL`, `SASL_PLAINTEXT` or `SASL_SSL`.")
    ] = "PLAINTEXT"
    kafka_sasl_mechanism: Annotated[
        SaslMechanism, about("`PLAIN`, `SCRAM-SHA-256` or `SCRAM-SHA-512`.")
    ] = "SCRAM-SHA-512"
    kafka_username: Annotated[str, about("The service's own user, for SASL.")] = ""
    kafka_password: Annotated[str, about("Its password; better in KAFKA_PASSWORD_FILE.")] = ""
    kafka_ca_file: Annotated[
        str, about("PEM of who signed the brokers' certificates; empty: whom the system trusts.")
    ] = ""
    kafka_certificate_file: Annotated[
        str, about("PEM by which the service itself comes, for mTLS; with its chain.")
    ] = ""
    kafka_key_file: Annotated[str, about("The key of that certificate, PEM.")] = ""
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
    otel_exporter_otlp_endpoint: Annotated[
        str, about("OTLP/HTTP collector for traces, http://HOST:4318; empty: nothing is traced.")
    ] = ""
    otel_traces_sampler_arg: Annotated[
        float,
        msgspec.Meta(ge=0, le=1, description="Which share of the traces that begin here is kept."),
    ] = 0.1


class Mounted(Mapping[str, str]):
    """An environment in which ``NAME_FILE`` names the file that holds NAME: a mounted secret.

    NAME itself goes before it. Raises ``BadSettings`` for a file that cannot be read.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._given = environment

    def __getitem__(self, name: str) -> str:
        file = self._given.get(f"{name}_FILE")
        if name in self._given or file is None:
            return self._given[name]
        try:
            return Path(file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise BadSettings(f"{name}_FILE: expected a text file: {error}") from error

    def __contains__(self, name: object) -> bool:
        return name in self._given or f"{name}_FILE" in self._given

    def __iter__(self) -> Iterator[str]:
        return iter(self._given)

    def __len__(self) -> int:
        return len(self._given)


S = TypeVar("S", bound=StreamSettings)


class StoreSettings(StreamSettings, frozen=True, kw_only=True, rename="upper"):
    """What a service with a store needs beside."""

    migrate: Annotated[
        Migrate,
        about(
            "`start`: each process brings its store to this release; `job`: it waits until"
            " `python -m services.NAME migrate` has."
        ),
    ] = "start"


class BadSettings(Exception):  # noqa: N818 - reads as what it is
    """A setting is wrong; the message says which, what was expected and what came."""


def load(kind: type[S], environment: Mapping[str, str]) -> S:
    """The settings of a service; a wrong value names its variable, other variables are ignored."""
    names = [field.encode_name for field in msgspec.structs.fields(kind)]
    mounted = Mounted(environment)
    known = {name: mounted[name] for name in names if name in mounted}
    try:
        return msgspec.convert(known, kind, strict=False)
    except msgspec.ValidationError as error:
        raise BadSettings(str(error).replace("`", "").replace(" - at $.", ": ")) from error

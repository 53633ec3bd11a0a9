"""What does ingest need to know to run? One typed struct from the environment, and secrets."""

import os
from collections.abc import Mapping
from typing import Annotated

from services.ingest.domain.brands import Account
from services.ingest.domain.receipt import Keys
from services.ingest.platforms.generic import KEY_PREFIX, key_of
from stream.settings import BadSettings, Mounted, StoreSettings, about, load

ENVIRONMENT: Mapping[str, str] = Mounted(os.environ)
"""Of this process; secrets lie there under the names that ``brands.yaml`` refers to."""


KEY_CHARACTERS = 32
"""Below that a key could be found by trying."""


class Settings(StoreSettings, frozen=True, kw_only=True, rename="upper"):
    """Ingest's settings."""

    database_url: Annotated[str, about("SQLite file or PostgreSQL; SQLite means one replica.")] = (
        "sqlite:///ingest.db"
    )
    brands: Annotated[str, about("The file of brands and their accounts.")] = "brands.yaml"
    public_url: Annotated[
        str, about("What platforms are told, https://HOST; the doctor asks it. Empty: not asked.")
    ] = ""
    hooks_host: Annotated[str, about("Address that platforms reach, or their proxy.")] = "127.0.0.1"
    hooks_port: Annotated[int, about("Port of the webhooks; 0 takes a free one.")] = 0
    admin_host: Annotated[str, about("Address of the admin API; never public.")] = "127.0.0.1"
    admin_port: Annotated[int, about("Port of the admin API; 0 takes a free one.")] = 0
    admin_tokens: Annotated[
        str, about("A YAML file of id, role, sha256, expires of the admin API's tokens; hot.")
    ] = ""
    erasure_key: Annotated[
        str,
        about("Hashes author ids, 32 characters or more; set it before the first post, for ever."),
    ] = ""
    spool: Annotated[
        str, about("Folder where deliveries to accounts with `spool: true` wait for the broker.")
    ] = "spool"
    in_flight: Annotated[int, about("How many requests may be in hand; beyond that 503.")] = 256
    in_flight_bytes: Annotated[int, about("How many bytes of bodies may be in hand.")] = 67_108_864
    source_rate: Annotated[
        float,
        about("Requests a second that one account may send for long; beyond that 429."),
    ] = 1000.0
    source_burst: Annotated[int, about("Requests that one account may send at once.")] = 2000
    ack_seconds: Annotated[
        float, about("Budget for all acks of a request; then the answer is 503.")
    ] = 2.5
    tick_seconds: Annotated[float, about("Real seconds between two pipeline ticks.")] = 5.0
    tick_margin_seconds: Annotated[
        float, about("How far a tick stays behind now, real seconds; more than ACK_SECONDS.")
    ] = 5.0
    canary_seconds: Annotated[
        float,
        about("Real seconds between two posts that watch the pipeline; 0: nothing watches it."),
    ] = 60.0


def read(environment: Mapping[str, str] = ENVIRONMENT) -> Settings:
    """The settings of this process; raises ``BadSettings``."""
    settings = load(Settings, environment)
    if min(settings.ack_seconds, settings.tick_seconds) <= 0:
        raise BadSettings("ACK_SECONDS, TICK_SECONDS: expected more than 0")
    if settings.canary_seconds < 0:
        raise BadSettings("CANARY_SECONDS: expected 0 or more")
    if settings.erasure_key and len(settings.erasure_key) < KEY_CHARACTERS:
        raise BadSettings(f"ERASURE_KEY: expected {KEY_CHARACTERS} characters or more")
    if settings.tick_margin_seconds <= settings.ack_seconds:
        got = f"got {settings.tick_margin_seconds} and {settings.ack_seconds}"
        raise BadSettings(f"TICK_MARGIN_SECONDS: expected more than ACK_SECONDS, {got}")
    return settings


def keys_of(account: Account, environment: Mapping[str, str]) -> Keys:
    """What of an account's secrets is set; raises ``BadSettings``, which names no value."""
    found = []
    for name in account.secrets:
        if secret := environment.get(name):
            try:
                if secret.startswith(KEY_PREFIX):
                    key_of(secret)
            except ValueError as error:
                raise BadSettings(f"{name}: {error}") from None
            found.append(secret)
    handshake = environment.get(account.handshake or "")
    return Keys(secrets=tuple(found), handshake=handshake or None)

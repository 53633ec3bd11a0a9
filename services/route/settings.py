"""What does route need to know to run? One typed struct from the environment."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import msgspec

from services.route.domain.needs import Needs
from services.route.domain.phones import Phones
from services.route.domain.replies import Replies
from services.route.domain.replies_file import read_replies
from stream.settings import BadSettings, Mounted, StoreSettings, about, load

REPLIES = Path(__file__).parent / "templates" / "replies"
_NEEDS = Path(__file__).parent / "templates" / "needs"


class Settings(StoreSettings, frozen=True, kw_only=True, rename="upper"):
    """Route's settings."""

    database_url: Annotated[str, about("SQLite file or PostgreSQL; SQLite means one replica.")] = (
        "sqlite:///route.db"
    )
    policy: Annotated[str, about("The policy file.")] = "services/route/policy/default.yaml"
    channels: Annotated[
        str,
        about("JSON, channel name to a target (docs/call-somebody.md): all that alerts may reach."),
    ] = "{}"
    smtp_url: Annotated[
        str,
        about("The server for `mailto:` channels, smtp://user:password@host:587?from=MAILBOX."),
    ] = ""
    channel_secret: Annotated[str, about("Signs alerts to webhooks, `whsec_` and base64.")] = ""
    public_url: Annotated[
        str, about("Where phones reach route, https://host: for buttons and links in alerts.")
    ] = ""
    ack_secret: Annotated[
        str,
        about(
            "Signs the links by which alerts are acknowledged, 32 characters or more. A new one"
            " goes before the old with a blank between."
        ),
    ] = ""
    callback_secrets: Annotated[
        str,
        about(
            "JSON, channel name to the secret by which its provider signs callbacks, 16"
            " characters or more; a new one before the old (docs/call-somebody.md)."
        ),
    ] = "{}"
    api_tokens: Annotated[
        str, about("A YAML file of id, role, brands, sha256, expires of the API's tokens; hot.")
    ] = ""


def read(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of this process; raises ``BadSettings``."""
    return load(Settings, environment)


def store_given(environment: Mapping[str, str] = os.environ) -> str | None:
    """The store, where somebody has named one: a command that only looks asks no default."""
    return Mounted(environment).get("DATABASE_URL")


def names(text: str, variable: str) -> dict[str, str]:
    """A JSON object of texts, as a setting carries it; raises ``BadSettings``."""
    try:
        return msgspec.json.decode(text.encode(), type=dict[str, str])
    except msgspec.DecodeError as error:
        raise BadSettings(
            f'{variable}: expected a JSON object like {{"a": "b"}}: {error}'
        ) from error


def phones(settings: Settings) -> Phones:
    """How phones reach route; raises ``BadSettings`` for what they could not, or not safely."""
    parts = urlsplit(settings.public_url)
    if settings.public_url and not (parts.scheme in {"https", "http"} and parts.hostname):
        raise BadSettings("PUBLIC_URL: expected an address like https://host")
    return Phones(
        address=settings.public_url.rstrip("/"),
        link_secrets=_secrets(settings.ack_secret, "ACK_SECRET", least=32),
        callback_secrets={
            name: _secrets(text, f"CALLBACK_SECRETS.{name}", least=16)
            for name, text in names(settings.callback_secrets, "CALLBACK_SECRETS").items()
        },
    )


def _secrets(text: str, variable: str, *, least: int) -> tuple[str, ...]:
    """The secrets that are good now, the newest first."""
    found = tuple(text.split())
    if any(len(secret) < least for secret in found):
        raise BadSettings(f"{variable}: expected at least {least} characters")
    return found


def typical_replies() -> Replies:
    """What can be suggested; raises ``BadFile`` with every problem of the files."""
    files = sorted(REPLIES.glob("*.yaml"))
    return read_replies({file.stem: file.read_text(encoding="utf-8") for file in files})


def read_needs() -> dict[str, Needs]:
    """The words of alerts, by language."""
    return {
        path.stem: msgspec.yaml.decode(path.read_bytes(), type=Needs)
        for path in sorted(_NEEDS.glob("*.yaml"))
    }

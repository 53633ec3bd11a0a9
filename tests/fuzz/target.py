"""What does the fuzzer call? All four functions of one platform with whatever bytes it makes.

Run as a process: the fuzzer ends it, by itself or at the first exception that escapes.
"""

import sys
from datetime import UTC, datetime

import atheris

with atheris.instrument_imports(include=["services.ingest"]):
    from services.ingest.domain.brands import Account
    from services.ingest.domain.receipt import Delivery, Keys, Seen
    from services.ingest.platforms.table import PLATFORMS, read

NOW = datetime(2026, 11, 30, tzinfo=UTC)
KEYS = Keys(secrets=("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "секрет"), handshake="token")
SIGNED_BY = (
    "authorization",
    "ce-id",
    "ce-source",
    "ce-specversion",
    "ce-type",
    "content-type",
    "webhook-id",
    "webhook-signature",
    "webhook-timestamp",
    "x-hub-signature-256",
    "x-telegram-bot-api-secret-token",
    "x-twitter-webhooks-signature",
    "x-viber-content-signature",
)
ASKED_BY = ("crc_token", "hub.challenge", "hub.mode", "hub.verify_token", "secret")


class Target:
    """One platform under the fuzzer."""

    def __init__(self, source: str) -> None:
        self._platform = PLATFORMS[source]
        account = Account(brand="brand", source=source, id="account", channel_role="service")
        self._seen = Seen(account=account, received_at=NOW)

    def __call__(self, data: bytes) -> None:
        """One delivery out of the fuzzer's bytes: a few headers, a query, and the rest a body."""
        given = atheris.FuzzedDataProvider(data)
        headers = {name: given.ConsumeUnicode(24) for name in SIGNED_BY if given.ConsumeBool()}
        query = {name: given.ConsumeUnicode(24) for name in ASKED_BY if given.ConsumeBool()}
        body = given.ConsumeBytes(given.remaining_bytes())
        delivery, platform = Delivery(headers=headers, query=query, body=body), self._platform
        platform.verify(delivery, KEYS, NOW)
        platform.handshake(delivery, KEYS)
        for native in platform.split(delivery):
            read(platform, native, self._seen)


if __name__ == "__main__":
    source, *options = sys.argv[1:]
    atheris.Setup([sys.argv[0], *options], Target(source))
    atheris.Fuzz()

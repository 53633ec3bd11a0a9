"""A subscriber of tickets.v1: prints one JSON line for each new version of a ticket."""
# ruff: noqa: TID251 - an example has no settings of its own

import asyncio
import json
from os import environ
from ssl import create_default_context
from typing import Any

from aiokafka import AIOKafkaConsumer

SHOWN = ("id", "version", "state", "team")


def connection() -> dict[str, Any]:
    """How the broker is reached: in plain text without a user."""
    found: dict[str, Any] = {"bootstrap_servers": environ["KAFKA_BOOTSTRAP_SERVERS"]}
    if "KAFKA_USERNAME" in environ:
        found |= {
            "security_protocol": "SASL_SSL",
            "sasl_mechanism": "SCRAM-SHA-512",
            "sasl_plain_username": environ["KAFKA_USERNAME"],
            "sasl_plain_password": environ["KAFKA_PASSWORD"],
            "ssl_context": create_default_context(cafile=environ["KAFKA_CA_FILE"]),
        }
    return found


async def main() -> None:
    """Read for ever; what was printed is committed, so it may come again and is known by then."""
    topic, versions = f"{environ['TOPIC_PREFIX']}.tickets.v1", dict[str, int]()
    group = f"{environ['TOPIC_PREFIX']}.sub.{environ['NAME']}"
    start = {"auto_offset_reset": "earliest", "enable_auto_commit": False}
    async with AIOKafkaConsumer(topic, group_id=group, **start, **connection()) as consumer:
        async for record in consumer:
            headers = dict(record.headers)
            if headers["ce_type"] == b"TicketEvent" and headers["otklik_brand"] != b"_canary":
                ticket = json.loads(record.value)["ticket"]
                if ticket["version"] > versions.get(ticket["id"], 0):
                    versions[ticket["id"]] = ticket["version"]
                    print(json.dumps({name: ticket[name] for name in SHOWN}), flush=True)
            await consumer.commit()


asyncio.run(main())

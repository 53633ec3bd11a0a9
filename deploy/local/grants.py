"""How do the rights of the table get onto a broker? As ACLs, all in one request.

python -m deploy.local.grants [--only subscriber --user NAME]
"""

import argparse
import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager

import msgspec
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError
from aiokafka.protocol.admin import (
    CreateAclsRequest,
    CreateAclsRequest_v1,
    DeleteAclsRequest,
    DescribeAclsRequest,
)

from schemas.rights import PRINCIPALS, Granted, Kind, Operation, granted
from stream.broker import Broker, broker_of
from stream.settings import BadSettings, StreamSettings, load
from stream.topic_admin import APPEAR_SECONDS, APPEAR_TRIES

ALLOW, ANY = 3, 1
LITERAL, PREFIXED = 3, 4
KINDS = {Kind.topic: 2, Kind.group: 3}
OPERATIONS = {
    Operation.read: 3,
    Operation.write: 4,
    Operation.describe: 8,
    Operation.describe_configs: 10,
}
"""Kafka's own numbers."""


class Rule(msgspec.Struct, frozen=True, order=True):
    """One ACL as the broker keeps it, on all hosts."""

    kind: int
    name: str
    pattern: int
    user: str
    operation: int


class NotGranted(Exception):  # noqa: N818 - says what the broker answered
    """The broker did not take the rights, or they did not come into force."""


def rules_of(prefix: str, rows: Iterable[Granted], users: Mapping[str, str] = {}) -> set[Rule]:
    """What the rows are on a broker; ``users`` says which user a principal is, if not its name."""
    return {
        Rule(
            KINDS[row.kind],
            f"{prefix}.{row.name}",
            PREFIXED if row.prefix else LITERAL,
            f"User:{users.get(row.principal, row.principal)}",
            OPERATIONS[operation],
        )
        for row in rows
        for operation in row.operations
    }


async def grant(broker: Broker, rules: set[Rule]) -> None:
    """Grant in one request; returns once all are in force, raises ``NotGranted``."""
    async with _asking(broker) as client:
        answer = await client.send(client.get_random_node(), _Creation(sorted(rules)))
        refused = {why or code for code, why in answer.creation_responses if code}
        if refused:
            raise NotGranted(f"the broker refused: {refused}")
        if not await _came_true(client, rules.__le__):
            raise NotGranted(f"{len(rules)} rights were taken and did not come into force")


async def withdraw(broker: Broker, rules: set[Rule]) -> None:
    """Take these rights back; returns once none of them is in force, raises ``NotGranted``."""
    async with _asking(broker) as client:
        for r in rules:
            gone = (r.kind, r.name, r.pattern, r.user, "*", r.operation, ALLOW)
            await client.send(client.get_random_node(), DeleteAclsRequest(*gone))
        if not await _came_true(client, rules.isdisjoint):
            raise NotGranted(f"{len(rules)} rights could not be taken back")


async def in_force(broker: Broker) -> set[Rule]:
    """Every ACL of the broker."""
    async with _asking(broker) as client:
        return await _told(client)


@asynccontextmanager
async def _asking(broker: Broker) -> AsyncIterator[AIOKafkaClient]:
    client = AIOKafkaClient(**broker.arguments())
    await client.bootstrap()
    try:
        yield client
    finally:
        await client.close()


async def _came_true(client: AIOKafkaClient, wanted: Callable[[set[Rule]], bool]) -> bool:
    """Whether the broker's rules are so, a moment after they were changed."""
    for _ in range(APPEAR_TRIES):
        if wanted(await _told(client)):
            return True
        await asyncio.sleep(APPEAR_SECONDS)  # it takes hold after it was acknowledged
    return False


async def _told(client: AIOKafkaClient) -> set[Rule]:
    # any kind, name, pattern, user, host, operation and permission
    asked = DescribeAclsRequest(ANY, None, ANY, None, None, ANY, ANY)
    answer = await client.send(client.get_random_node(), asked)
    return {
        Rule(kind, name, pattern, user, operation)
        for kind, name, pattern, acls in answer.resources
        for user, _, operation, permission in acls
        if permission == ALLOW
    }


class _Creation(CreateAclsRequest):  # type: ignore[misc]  # aiokafka ships no types
    """aiokafka's own takes one rule."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = rules

    def build(self, request_struct_class: type[CreateAclsRequest_v1]) -> CreateAclsRequest_v1:
        return request_struct_class(
            [(r.kind, r.name, r.pattern, r.user, "*", r.operation, ALLOW) for r in self._rules]
        )


def main() -> int:
    """Grant as the user of KAFKA_USERNAME, who may; 0 done, 1 the broker is away, 2 not granted."""
    parser = argparse.ArgumentParser(prog="python -m deploy.local.grants", description=__doc__)
    parser.add_argument("--only", choices=PRINCIPALS, help="the rights of one principal")
    parser.add_argument("--user", help="whose name on the broker is another; with --only")
    chosen = parser.parse_args()
    try:
        settings = load(StreamSettings, os.environ)  # noqa: TID251 - the command's own settings
        rows = [row for row in granted() if chosen.only in {None, row.principal}]
        users = {chosen.only: chosen.user} if chosen.only and chosen.user else {}
        rules = rules_of(settings.topic_prefix, rows, users)
        asyncio.run(grant(broker_of(settings), rules))
    except (BadSettings, NotGranted) as error:
        print(error, file=sys.stderr)
        return 2
    except KafkaError as error:
        print(f"expected a broker at {settings.kafka_bootstrap_servers}: {error}", file=sys.stderr)
        return 1
    print(f"{len(rules)} rights under {settings.topic_prefix}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

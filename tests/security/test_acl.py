"""The broker allows exactly what the table of rights lists: every cell is tried, by every user.

The inputs that break the easy version: a right on another installation's topic of the same name; a
group whose name begins like a granted one; a user who may see a topic and not read it.
"""

import asyncio
import sys
from collections.abc import Iterable
from typing import NamedTuple

import pytest

from deploy.local.grants import grant, rules_of
from deploy.local.guarded import ADMIN, Guarded
from schemas.rights import PRINCIPALS, Kind, granted
from schemas.topics import SERVICES, TICKETS, TOPICS
from stream.topic_admin import create
from tests.conftest import PARTITIONS
from tests.security.cells import ON_CLUSTER, ON_GROUPS, ON_TOPICS, User
from tests.security.installations import installed

PREFIX, ELSEWHERE = "acl", "aclother"
GROUPS = (*SERVICES, "ops.look", "sub.crm.desk", "opsother", "else")
LETTER = {
    "Read": "R",
    "Write": "W",
    "Describe": "D",
    "DescribeConfigs": "C",
    "Alter": "A",
    "AlterConfigs": "S",
    "Delete": "X",
    "Create": "N",
}


class Cell(NamedTuple):
    """Who wants to do what on what; names are those on the broker."""

    user: str
    kind: str
    name: str
    operation: str


def listed() -> set[Cell]:
    """Every cell that the table allows."""
    found = set()
    for row in granted():
        names = [row.name]
        if row.prefix:
            names = [name for name in GROUPS if name.startswith(row.name)]
        found |= {
            Cell(row.principal, row.kind.value, f"{PREFIX}.{name}", operation.value)
            for name in names
            for operation in row.operations
        }
    return found


async def prepared(broker: Guarded) -> None:
    """All topics of two installations with a record in each, and the rights of one of them."""
    for prefix, topics in ((PREFIX, TOPICS), (ELSEWHERE, (TICKETS,))):
        await create(installed(broker, prefix), topics)
    await grant(broker.of(ADMIN), rules_of(PREFIX, granted()))
    async with User(broker.of(ADMIN)) as admin:
        for name in topics_tried():
            for partition in range(PARTITIONS):
                await admin.producer.send_and_wait(name, b"{}", partition=partition)


def topics_tried() -> list[str]:
    return [*(topic.under(PREFIX) for topic in TOPICS), TICKETS.under(ELSEWHERE)]


async def tried_by(user: str, broker: Guarded) -> set[Cell]:
    """The cells that work for a user, of all that there are; what deletes comes last."""
    async with User(broker.of(user)) as me:
        tried = [await on_topics(me, user), await on_groups(me, user), await on_cluster(me, user)]
    return {cell for cells in tried for cell, works in cells.items() if works}


async def on_topics(me: User, user: str) -> dict[Cell, bool]:
    return {
        Cell(user, "topic", name, operation): await me.may_on_topic(operation, name)
        for name in topics_tried()
        for operation in ON_TOPICS
    }


async def on_groups(me: User, user: str) -> dict[Cell, bool]:
    seen = readable_by(user)
    return {
        Cell(user, "group", name, operation): await me.may_on_group(operation, name, seen)
        for name in (f"{PREFIX}.{group}" for group in GROUPS)
        for operation in ON_GROUPS
    }


async def on_cluster(me: User, user: str) -> dict[Cell, bool]:
    return {
        Cell(user, "cluster", "", operation): await me.may_on_cluster(operation, PREFIX)
        for operation in ON_CLUSTER
    }


def readable_by(user: str) -> str:
    """A topic to join a group over: one that the user may read, or at least see."""
    rows = [row for row in granted() if row.principal == user and row.kind is Kind.topic]
    rows.sort(key=lambda row: "Read" not in row.operations)
    return f"{PREFIX}.{rows[0].name}"


def shown(cells: Iterable[Cell]) -> str:
    """The matrix, a line for each user and thing, a letter for each thing it may do."""
    may = {(c.user, c.kind, c.name, c.operation) for c in cells}
    things: list[tuple[str, str, tuple[str, ...]]]
    things = [("topic", name, ON_TOPICS) for name in topics_tried()]
    things += [("group", f"{PREFIX}.{name}", ON_GROUPS) for name in GROUPS]
    things += [("cluster", "", ON_CLUSTER)]
    key = " ".join(f"{letter}={name}" for name, letter in LETTER.items())
    return "\n".join(
        [
            f"\n{key}",
            *(
                f"{user:<11}{kind:<8}{name:<29}"
                + "".join(LETTER[o] if (user, kind, name, o) in may else "-" for o in operations)
                for user in PRINCIPALS
                for kind, name, operations in things
            ),
        ]
    )


async def test_every_cell_is_as_the_table_says_and_all_others_are_refused(
    broker: Guarded, capsys: pytest.CaptureFixture[str]
) -> None:
    await prepared(broker)

    tried = await asyncio.gather(*(tried_by(user, broker) for user in PRINCIPALS))
    works = set[Cell]().union(*tried)

    count = len(PRINCIPALS) * (
        len(topics_tried()) * len(ON_TOPICS) + len(GROUPS) * len(ON_GROUPS) + len(ON_CLUSTER)
    )
    with capsys.disabled():
        sys.stdout.write(shown(works))
        sys.stdout.write(f"\n{count} cells: {len(works)} work, {count - len(works)} are refused\n")
    assert works - listed() == set(), "works, and is not in the table"
    assert listed() - works == set(), "is in the table, and is refused"
    changes = {"Create", "Alter", "AlterConfigs", "Delete", "All"}
    assert not [cell for cell in works if cell.operation in changes or cell.kind == "cluster"]

"""The table of rights, written once more by hand: who reads and writes what, and nothing else.

It is not made from the code: a line added to the topic table gives nobody a right by itself.
"""

from collections.abc import Iterable

import pytest

from schemas.rights import PRINCIPALS, Granted, Kind, Operation, granted
from schemas.topics import TOPICS

USERS = ("ingest", "classify", "route", "notify", "operator", "scaler", "subscriber")

ON_TOPICS = """
                            ingest  classify  route  notify  operator  scaler  subscriber
posts.raw.v1                WD      .         .      .       RDC       .       .
posts.v1                    WD      RD        .      .       DC        D       .
classified.v1               .       WD        RD     .       RDC       D       .
decisions.v1                .       .         WD     RD      RDC       D       .
tickets.v1                  .       .         WD     RD      RDC       D       RD
sla.v1                      .       .         RD     WD      RDC       D       RD
alerts.v1                   .       .         WD     .       RDC       .       RD
erasures.v1                 WD      .         RD     .       RDC       D       RD
ingest.dead-letters.v1      WD      .         .      .       RDC       .       .
classify.dead-letters.v1    .       WD        .      .       RDC       .       .
route.dead-letters.v1       .       .         WD     .       RDC       .       .
notify.dead-letters.v1      .       .         .      WD      RDC       .       .
ingest.retry.v1             RD      .         .      .       WDC       D       .
classify.retry.v1           .       RD        .      .       WDC       D       .
route.retry.v1              .       .         RD     .       WDC       D       .
notify.retry.v1             .       .         .      RD      WDC       D       .
"""

ON_GROUPS = """
                            ingest  classify  route  notify  operator  scaler  subscriber
ingest                      RD      .         .      .       RD        D       .
classify                    D       RD        .      .       RD        D       .
route                       .       .         RD     .       RD        D       .
notify                      .       .         .      RD      RD        D       .
ops.*                       .       .         .      .       RD        .       .
sub.*                       .       .         .      .       .         .       RD
"""

LETTERS = {
    Operation.read: "R",
    Operation.write: "W",
    Operation.describe: "D",
    Operation.describe_configs: "C",
}


def by_hand(table: str) -> dict[tuple[str, str], str]:
    head, *lines = (line.split() for line in table.strip().splitlines())
    assert tuple(head) == USERS
    cells = {
        (user, name): may for name, *row in lines for user, may in zip(USERS, row, strict=True)
    }
    return {cell: may for cell, may in cells.items() if may != "."}


def in_code(rows: Iterable[Granted], kind: Kind) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for row in (row for row in rows if row.kind is kind):
        cell = (row.principal, row.name + "*" * row.prefix)
        assert cell not in found, f"{cell} stands twice"
        found[cell] = "".join(LETTERS[operation] for operation in row.operations)
    return found


@pytest.mark.parametrize(("kind", "table"), [(Kind.topic, ON_TOPICS), (Kind.group, ON_GROUPS)])
def test_the_table_is_what_was_written_by_hand(kind: Kind, table: str) -> None:
    assert in_code(granted(), kind) == by_hand(table)


def test_every_topic_and_every_user_is_in_the_matrix_by_hand() -> None:
    assert {topic.name for topic in TOPICS} == {
        line.split()[0] for line in ON_TOPICS.strip().splitlines()[1:]
    }
    assert PRINCIPALS == USERS


def test_only_groups_are_granted_by_prefix_and_no_prefix_takes_in_a_service() -> None:
    prefixed = [row for row in granted() if row.prefix]

    assert {(row.principal, row.name) for row in prefixed} == {
        ("operator", "ops."),
        ("subscriber", "sub."),
    }
    assert all(row.kind is Kind.group and row.name.endswith(".") for row in prefixed)

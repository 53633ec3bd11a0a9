"""Who may do what on the broker? Least rights by principal, derived from the topic table.

Nobody has Create, Alter or All: topics are created by who owns the cluster. Whoever may read or
write a topic may describe it.
"""

from collections.abc import Iterator
from enum import StrEnum

import msgspec

from schemas.topics import SERVICES, TOPICS

OPERATOR, SCALER, SUBSCRIBER = "operator", "scaler", "subscriber"
PRINCIPALS = (*SERVICES, OPERATOR, SCALER, SUBSCRIBER)

_AS_OPERATOR = {"operators", "whatif", "audit"}
"""Words of the table for people and commands that come as the operator."""


class Operation(StrEnum):
    """What a broker calls it; its number on the wire is ``stream.rights.Right``'s."""

    read = "Read"
    write = "Write"
    describe = "Describe"
    describe_configs = "DescribeConfigs"


class Kind(StrEnum):
    """What a right is on."""

    topic = "topic"
    group = "group"


class Granted(msgspec.Struct, frozen=True, kw_only=True):
    """One right of one principal; ``prefix`` where it holds for all names that begin so.

    Names are without the installation's prefix, as in the topic table.
    """

    principal: str
    kind: Kind
    name: str
    operations: tuple[Operation, ...]
    prefix: bool = False


def granted() -> tuple[Granted, ...]:
    """Every right that an installation needs; what is not here is refused (design 2)."""
    return (*_of_services(), *_of_operator(), *_of_scaler(), *_of_subscriber())


def _of_services() -> Iterator[Granted]:
    for service in SERVICES:
        for topic in TOPICS:
            may = _may(reads=service in topic.read_by, writes=service == topic.written_by)
            if may:
                yield Granted(principal=service, kind=Kind.topic, name=topic.name, operations=may)
        yield _group(service, service, Operation.read, Operation.describe)
    yield _group("ingest", "classify", Operation.describe)  # an import yields to live posts


def _of_operator() -> Iterator[Granted]:
    for topic in TOPICS:
        reads = bool(_AS_OPERATOR & set(topic.read_by))
        may = _may(reads=reads, writes=topic.written_by == "operators")
        operations = tuple(dict.fromkeys((*may, Operation.describe, Operation.describe_configs)))
        yield Granted(principal=OPERATOR, kind=Kind.topic, name=topic.name, operations=operations)
    for service in SERVICES:  # members, lag, and positions put back
        yield _group(OPERATOR, service, Operation.read, Operation.describe)
    yield _group(OPERATOR, "ops.", Operation.read, Operation.describe, prefix=True)


def _of_scaler() -> Iterator[Granted]:
    for topic in TOPICS:
        if set(SERVICES) & set(topic.read_by):
            describe = (Operation.describe,)
            yield Granted(principal=SCALER, kind=Kind.topic, name=topic.name, operations=describe)
    for service in SERVICES:
        yield _group(SCALER, service, Operation.describe)


def _of_subscriber() -> Iterator[Granted]:
    for topic in TOPICS:
        if "subscribers" in topic.read_by:
            may = _may(reads=True, writes=False)
            yield Granted(principal=SUBSCRIBER, kind=Kind.topic, name=topic.name, operations=may)
    yield _group(SUBSCRIBER, "sub.", Operation.read, Operation.describe, prefix=True)


def _may(*, reads: bool, writes: bool) -> tuple[Operation, ...]:
    rights = ((reads, Operation.read), (writes, Operation.write), (True, Operation.describe))
    return tuple(right for has, right in rights if has) if reads or writes else ()


def _group(principal: str, name: str, *may: Operation, prefix: bool = False) -> Granted:
    return Granted(principal=principal, kind=Kind.group, name=name, operations=may, prefix=prefix)

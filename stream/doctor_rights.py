"""Which rights does a service lack, and which grant mends it? One finding a right."""

from collections.abc import Iterator, Mapping, Sequence

from schemas.event import Topic
from stream.doctor_findings import Finding, Ward, bad, ok
from stream.rights import Right, Rights, ask_rights


async def rights_in(ward: Ward) -> Rights:
    """What this user may do with all that a ward names."""
    names = [topic.under(ward.cluster.prefix) for topic in ward.topics]
    return await ask_rights(ward.cluster, names, _groups(ward).values())


def missing(ward: Ward, rights: Rights) -> Iterator[Finding]:
    """A finding for each right that is missing, and one for each service that lacks none."""
    if not rights.told:
        yield ok("this broker tells no rights (Kafka does from 2.3 on): not looked at")
        return
    needed: set[str] = set()
    for service in {**ward.writes, **ward.reads}:
        reads, writes = ward.reads.get(service, ()), ward.writes.get(service, ())
        needed |= {topic.name for topic in (*reads, *writes)}
        lacks = [*_lacking(ward, rights, service)]
        yield from lacks
        if not lacks:
            join = " and join its group" if service in _groups(ward) else ""
            yield ok(f"{service}: may read {len(reads)} topics, write {len(writes)}{join}")
    others = [topic for topic in ward.topics if topic.name not in needed]
    yield from _refused(ward, rights, Right.describe, others)


def _lacking(ward: Ward, rights: Rights, service: str) -> Iterator[Finding]:
    who = f"{service}: "
    yield from _refused(ward, rights, Right.read, ward.reads.get(service, ()), who)
    yield from _refused(ward, rights, Right.write, ward.writes.get(service, ()), who)
    group = _groups(ward).get(service)
    if group and not rights.may_join(group):
        yield bad(f"{who}may not join {group}", _grant(ward, Right.read, f"--group {group}"))


def _refused(
    ward: Ward, rights: Rights, right: Right, topics: Sequence[Topic], who: str = ""
) -> Iterator[Finding]:
    for name in (topic.under(ward.cluster.prefix) for topic in topics):
        if not rights.may(right, name):
            hidden = not rights.may(Right.describe, name)
            after = ", nor see whether it is there" if hidden else ""
            then = _grant(ward, right, f"--topic {name}")
            yield bad(f"{who}may not {right.name} {name}{after}", then)


def _grant(ward: Ward, right: Right, on: str) -> str:
    return (
        f"kafka-acls --bootstrap-server {ward.cluster.bootstrap} --add --allow-principal User:NAME "
        f"--operation {right.name.title()} {on}; a Deny goes before it"
    )


def _groups(ward: Ward) -> Mapping[str, str]:
    return {service: f"{ward.cluster.prefix}.{service}" for service in ward.reads}

"""Is an installation well? Looked at from outside, one finding a line, each with what to do next.

The topic table is passed in: stream knows no service by name.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import GroupCoordinatorNotAvailableError, KafkaError

from schemas.event import Topic
from stream.dead_letters import Shelf, Wanted, kept_aside, listed
from stream.doctor_findings import Finding, Ward, bad, ok
from stream.doctor_rights import missing, rights_in
from stream.lag import Waiting, waiting
from stream.quarantine import Quarantine
from stream.rights import Right, Rights
from stream.settings import BadSettings
from stream.topic_admin import Cluster, TopicsDiffer, check

STAMPS = "message.timestamp.type"


async def examine(ward: Ward) -> AsyncIterator[Finding]:
    """Every check in turn; without a broker there is only one."""
    cluster = ward.cluster
    admin = AIOKafkaAdminClient(**cluster.arguments())
    try:
        await admin.start()
    except (KafkaError, OSError) as error:
        found = f"no broker answers at {cluster.bootstrap}: {type(error).__name__}"
        yield bad(found, "start it, or correct KAFKA_BOOTSTRAP_SERVERS")
        await admin.close()
        return
    try:
        yield ok(f"a broker answers at {cluster.bootstrap}")
        rights = await rights_in(ward)
        for one in missing(ward, rights):
            yield one
        for one in await _topics(cluster, _seen(ward, rights), admin):
            yield one
        for one in await _groups(_seen_groups(ward, rights), admin):
            yield one
    finally:
        await admin.close()
    for shelf in ward.shelves:
        yield await _letters(cluster, shelf, rights)
    if ward.quarantine:
        yield _quarantine(ward.quarantine)


def _seen(ward: Ward, rights: Rights) -> Sequence[Topic]:
    """What may not be described looks absent; whether it is there nobody knows from here."""
    prefix = ward.cluster.prefix
    return [t for t in ward.topics if rights.may(Right.describe, t.under(prefix))]


def _seen_groups(ward: Ward, rights: Rights) -> Ward:
    prefix = ward.cluster.prefix
    seen = {name: t for name, t in ward.reads.items() if rights.may_look(f"{prefix}.{name}")}
    return msgspec.structs.replace(ward, reads=seen)


async def _topics(
    cluster: Cluster, topics: Sequence[Topic], admin: AIOKafkaAdminClient
) -> list[Finding]:
    if not topics:
        return []
    try:
        await check(cluster, topics)
    except TopicsDiffer as error:
        missing = "python -m stream topics create; a changed count needs PARTITIONS as it was"
        return [bad(line, missing) for line in str(error).split("; ")]
    return await _stamps([topic.under(cluster.prefix) for topic in topics], cluster, admin)


async def _stamps(
    names: Sequence[str], cluster: Cluster, admin: AIOKafkaAdminClient
) -> list[Finding]:
    asked = [ConfigResource(ConfigResourceType.TOPIC, name, {STAMPS: ""}) for name in names]
    configs = [row for answer in await admin.describe_configs(asked) for row in answer.resources]
    shown = [row for row in configs if not row[0]]
    wrong = [row[3] for row in shown if not any(_is_stamped(entry) for entry in row[4])]
    if wrong:
        then = f"kafka-configs --alter --topic NAME --add-config {STAMPS}=LogAppendTime"
        return [bad(f"{name}: expected {STAMPS} LogAppendTime", then) for name in wrong]
    found = f"{len(names)} topics, {cluster.partitions} partitions each"
    if len(shown) < len(configs):
        then = "ask with an operator's user, who has DescribeConfigs; no service needs it"
        return [ok(f"{found}; the stamps of {len(configs) - len(shown)} were not looked at", then)]
    return [ok(f"{found}, LogAppendTime")]


def _is_stamped(entry: tuple[Any, ...]) -> bool:
    return bool(entry[0] == STAMPS and entry[1] == "LogAppendTime")


async def _groups(ward: Ward, admin: AIOKafkaAdminClient) -> list[Finding]:
    """Members and lag of each group, and the partitions that did not move between two looks."""
    if not ward.reads:
        return []
    before = await _waiting(ward, admin)
    if any(before.values()):
        await asyncio.sleep(ward.watch_seconds)  # between two looks: what stands still is seen so
    after = await _waiting(ward, admin)
    return [
        one
        for service in ward.reads
        for one in _of_group(
            service, await _members(ward.cluster, service, admin), before[service], after[service]
        )
    ]


async def _members(cluster: Cluster, service: str, admin: AIOKafkaAdminClient) -> int:
    """Asked one by one: aiokafka 0.14 cannot read an answer about several groups."""
    try:
        answers = await admin.describe_consumer_groups([f"{cluster.prefix}.{service}"])
    except GroupCoordinatorNotAvailableError:  # of a broker that has had no group yet
        return 0
    return sum(len(row[5]) for answer in answers for row in answer.groups)


async def _waiting(ward: Ward, admin: AIOKafkaAdminClient) -> Mapping[str, Waiting]:
    return {
        service: await waiting(ward.cluster, service, topics, admin)
        for service, topics in ward.reads.items()
    }


def _of_group(service: str, members: int, before: Waiting, after: Waiting) -> Iterator[Finding]:
    behind = sum(count for _, count in after.values())
    if not members:
        yield bad(
            f"{service}: its group has no member, {behind} records wait",
            f"start it: python -m services.{service} serve; its log says why it ended",
        )
        return
    still = {tp: after[tp] for tp in before.keys() & after.keys() if before[tp][0] == after[tp][0]}
    for tp, (offset, count) in sorted(still.items()):
        yield bad(
            f"{service}: {tp.topic} partition {tp.partition} stands still at offset {offset}, "
            f"{count} records wait",
            f"look in the log of {service} for `partition stopped`; a record can be set aside "
            "in the file of QUARANTINE",
        )
    if not still:
        yield ok(f"{service}: {members} in its group, {behind} records wait and move on")


async def _letters(cluster: Cluster, shelf: Shelf, rights: Rights) -> Finding:
    if not rights.may(Right.read, shelf.letters.under(cluster.prefix)):
        unread = (
            f"{shelf.service}: its dead letters were not looked at, this user may not read them"
        )
        return ok(unread, "ask with an operator's user; no service needs to")
    try:
        kept = await kept_aside(cluster, shelf, Wanted())
    except TopicsDiffer as error:
        return bad(str(error), "python -m stream topics create")
    if not kept:
        return ok(f"{shelf.service}: nothing was kept aside")
    newest = max(kept, key=lambda one: one.letter.occurred_at.timestamp() if one.letter else 0.0)
    reason, detail = listed(newest)["reason"], listed(newest)["detail"]
    return ok(
        f"{shelf.service}: {len(kept)} records kept aside, the newest {reason}: {detail}",
        f"python -m stream dead-letters list --service {shelf.service}",
    )


def _quarantine(file: str) -> Finding:
    try:
        Quarantine(file)
    except (BadSettings, OSError) as error:
        return bad(
            f"QUARANTINE cannot be read: {error}", "mend the file; services keep the old one"
        )
    return ok(f"QUARANTINE {file} can be read")

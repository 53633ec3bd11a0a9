"""Topics come from the one table, and a changed partition count is refused.

The inputs that break the easy version: topics that exist already, another count, none at all.
"""

import msgspec
import pytest

from schemas.topics import TOPICS
from stream.topic_admin import Cluster, TopicsDiffer, check, create


async def test_creating_twice_is_as_once(cluster: Cluster) -> None:
    await create(cluster, TOPICS)
    await create(cluster, TOPICS)

    await check(cluster, TOPICS)


async def test_another_partition_count_is_refused_by_name(cluster: Cluster) -> None:
    await create(cluster, TOPICS)
    more = msgspec.structs.replace(cluster, partitions=cluster.partitions + 1)

    with pytest.raises(TopicsDiffer, match=r"posts\.v1: expected 4 partitions, got 3"):
        await create(more, TOPICS)


async def test_missing_topics_are_named(cluster: Cluster) -> None:
    with pytest.raises(TopicsDiffer, match=r"tickets\.v1: expected 3 partitions, got no topic"):
        await check(cluster, TOPICS)

"""An installation forgot the right to read; the service says so and ends, and loses nothing.

The inputs that break the easy version: a refusal that comes after the assignment; a client that
takes the topic for an empty one; a record that was written while nobody could read it.
"""

from tests.faults.probe import READ
from tests.faults.servers import Right, allow
from tests.faults.story import Story

BURST = 300


async def test_a_member_that_may_not_read_ends_and_names_the_topic(stateful: Story) -> None:
    bootstrap, topic = stateful.cluster.bootstrap, READ.under(stateful.cluster.prefix)
    await allow(bootstrap, topic, Right.write)
    await stateful.load(BURST)

    member = stateful.start()

    assert member.ended() == 1
    assert member.said(f"TopicAuthorizationFailedError: {topic}")
    assert not any((await stateful.committed()).values())
    await allow(bootstrap, topic, Right.read)
    stateful.start()
    await stateful.holds()

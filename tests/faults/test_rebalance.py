"""Members come and go under load; partitions change hands and no record does twice.

The inputs that break the easy version: a partition taken away with a batch in hand; five members
that join at once; one that leaves in good order while another is killed.
"""

import pytest

from tests.faults.story import Story

BURST = 6000


@pytest.mark.parametrize(("before", "after"), [(1, 2), (2, 5)])
async def test_members_join_and_leave_under_load(stateful: Story, before: int, after: int) -> None:
    story = stateful
    for _ in range(before):
        story.start()
    await story.grouped(before)
    await story.load(BURST)
    await story.at_work()
    story.release()
    for _ in range(after - before):
        story.start()
    await story.grouped(after)
    await story.load(BURST)
    await story.at_work()
    leaving, killed = story.members[:2]
    assert story.terminate(leaving) == 0
    story.kill(killed)
    story.release()
    if not story.members:
        story.start()

    await story.holds()


async def test_stateless_members_join_and_leave_under_load(stateless: Story) -> None:
    story = stateless
    story.start()
    await story.load(BURST)
    await story.at_work()
    story.release()
    story.start()
    await story.grouped(2)
    await story.load(BURST)
    await story.at_work()
    story.kill(story.members[0])
    story.release()

    await story.holds()

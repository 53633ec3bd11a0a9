"""A member that was frozen past its session comes back to partitions that are another's.

The inputs that break the easy version: a freeze in mid-transaction, whose locks the next owner
needs; a thaw with a batch in hand that the group has given away; work that goes on afterwards.
"""

import signal

from tests.faults.story import Story

BURST = 3000


async def test_a_thawed_member_changes_nothing_and_goes_on(stateful: Story) -> None:
    story = stateful
    zombie = story.start(FREEZE_AT="key-0:20")
    await story.grouped(1)
    await story.load(BURST)
    await story.grouped(0)  # it froze itself in the middle of a step, and the group let it go
    story.start()
    await story.done()
    before = len(story.came)

    zombie.child.signal(signal.SIGCONT)
    await story.grouped(2)
    await story.read_on()
    assert len(story.came) == before, "a thawed member must publish nothing of its own"
    await story.holds()

    await story.load(BURST)
    await story.holds()
    assert await zombie.count("otklik_records_total") > 0

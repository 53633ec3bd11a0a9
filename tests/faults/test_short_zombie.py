"""A member that was frozen past its session comes back to partitions that are another's.

The inputs that break the easy version: a freeze in mid-transaction, whose locks the next owner
needs; a thaw with a batch in hand that the group has given away; work that goes on afterwards.
"""

import signal

from tests.faults.member import Probe
from tests.faults.stored import stored
from tests.faults.story import Story

BURST = 3000
LATER = f"0:{BURST // 12 + 50}"
"""A record of the second burst: when it comes, its partition has a position in the store."""


async def frozen(story: Story, **at: str) -> Probe:
    """A member that froze itself with work in hand; the group has let it go."""
    zombie = story.start(**at)
    await story.load(BURST)
    await story.done()
    await story.load(BURST)
    await story.grouped(0)
    return zombie


async def overtaken(story: Story) -> None:
    """Another member does all of it."""
    story.start()
    await story.holds()


async def test_a_member_thawed_in_mid_step_changes_nothing_and_goes_on(stateful: Story) -> None:
    zombie = await frozen(stateful, FREEZE_IN=LATER)

    await changes_nothing(stateful, zombie)

    refused = await zombie.count("otklik_dependency_retries_total")
    assert refused > 0, "the database must have ended the transaction that it froze in"
    await goes_on(stateful, zombie)


async def test_a_member_thawed_with_a_batch_in_hand_is_fenced_and_goes_on(stateful: Story) -> None:
    zombie = await frozen(stateful, FREEZE_BEFORE=LATER)

    await changes_nothing(stateful, zombie)

    await stateful.until(lambda: zombie.said("fenced: "))  # the store has refused its step
    await goes_on(stateful, zombie)


async def test_a_thawed_stateless_member_repeats_bytes_and_commits_nothing(
    stateless: Story,
) -> None:
    zombie = await frozen(stateless, FREEZE_IN=LATER)
    await overtaken(stateless)
    before = await stateless.committed()

    zombie.child.signal(signal.SIGCONT)
    await stateless.grouped(2)

    assert await stateless.committed() == before
    await stateless.until(lambda: zombie.said("commit refused"))  # by the group
    await stateless.holds()


async def changes_nothing(story: Story, zombie: Probe) -> None:
    await overtaken(story)
    came, kept = len(story.came), await stored(story.database)

    zombie.child.signal(signal.SIGCONT)
    await story.grouped(2)

    await story.holds()
    assert len(story.came) == came, "a thawed member must publish nothing of its own"
    assert await stored(story.database) == kept


async def goes_on(story: Story, zombie: Probe) -> None:
    before = await zombie.count("otklik_records_total")
    await story.load(BURST)
    await story.holds()
    assert await zombie.count("otklik_records_total") > before

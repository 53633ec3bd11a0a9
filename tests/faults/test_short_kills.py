"""A member is killed, or asked to go, in the middle of its work; the next one goes on.

The inputs that break the easy version: a kill between commit and publish, again and again; a stop
with a batch in hand; a successor that starts from the group's commit where the store is further.
"""

from pathlib import Path

from stream.topic_admin import Cluster
from tests.faults.member import STOP_LIMIT
from tests.faults.story import Story, story_of

BURST = 3000
KUBERNETES_WAITS = 30


async def test_sigkill_again_and_again_loses_and_repeats_no_effect(stateful: Story) -> None:
    await killed_twice(stateful)


async def test_sigkill_of_a_stateless_member_repeats_the_same_bytes(stateless: Story) -> None:
    await killed_twice(stateless)


async def test_sigterm_finishes_what_is_in_hand_and_repeats_nothing(stateful: Story) -> None:
    await stopped_twice(stateful)


async def test_sigterm_of_a_stateless_member_repeats_nothing(stateless: Story) -> None:
    await stopped_twice(stateless)


def test_what_a_stop_may_take_is_what_the_page_says() -> None:
    page = Path("docs/operate.md").read_text(encoding="utf-8")

    assert f"| all of it | {STOP_LIMIT:g} s |" in page
    assert STOP_LIMIT < KUBERNETES_WAITS


async def killed_twice(story: Story) -> None:
    for _ in range(2):
        member = story.start()
        await story.load(BURST)
        await story.at_work()
        story.kill(member)
    story.start()

    await story.holds()


async def stopped_twice(story: Story) -> None:
    for _ in range(2):
        member = story.start()
        await story.load(BURST)
        await story.at_work()
        assert story.terminate(member) == 0
    story.start()

    await story.holds()
    assert story.repeated() == 0


async def test_sigkill_on_sqlite(cluster: Cluster, tmp_path: Path, pump: str) -> None:
    settings = {"PUMP": pump, "DATABASE_URL": f"sqlite:///{tmp_path / 'probe.db'}"}
    async with story_of(cluster, tmp_path, settings) as story:
        member = story.start()
        await story.load(BURST)
        await story.at_work()
        story.kill(member)
        story.start()

        await story.holds()

"""A policy that only rehearses calls the test channel alone, marked, through every state.

The inputs that break the easy version: a chain that climbs to another team's channel; "mine" and
the end, which all channels hear that were called; one that a summary takes in; a policy that goes
live, or back, while a group is open; a gap of duty that was told in the rehearsal; an inhibition
whose source is only rehearsed; a summary of the rehearsal that is due once the policy is live.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.alerts import AlertChanged
from schemas.topics import ALERTS
from services.route.domain.alerting import Notice
from services.route.domain.desk import Rules
from services.route.domain.gap_calls import gap_calls
from services.route.domain.policy import Policy
from services.route.domain.policy_file import read_policy
from services.route.settings import read_needs
from services.route.store.tables import DELIVERIES, METADATA
from tests.alert_timelines import AT_ONCE, T0, Timeline, fires
from tests.hands import hands
from tests.integration.test_alert_timelines import Calling
from tests.stored import opened

CLIMBING = Timeline(
    "nobody takes it, then somebody does, then it is over",
    f"{AT_ONCE}, repeat_interval: 4h, test_channel: drills",
    [(0, fires("a1")), (1000, {"acknowledges": "a1", "by": "vera"}), (1100, {"ends": "a1"})],
    [],
    chain=True,
)
NIGHTS = """
policy: nights
live: false
sla: {day: {first_response: 1h}}
calendars: {day: {timezone: UTC, weekly: {mon-sun: "09:00-21:00"}}}
teams: {care: {languages: [bg], duty: [{during: day, people: [vera]}], alerts: chat}}
rules:
  - id: all
    why: Everything has an owner.
    then: {disposition: human_review, team: care, sla: day, alert: now}
    tests: [{post: "?", facts: {}, gives: {rule: all}}]
"""


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    async with opened(database_url, METADATA) as found:
        yield found


def rehearsing(engine: AsyncEngine, timeline: Timeline = CLIMBING) -> Calling:
    calling = Calling(engine, timeline, hands(T0))
    set_live(calling, live=False)
    return calling


def set_live(calling: Calling, *, live: bool) -> None:
    policy: Policy = msgspec.structs.replace(calling.rules.policy, live=live)
    calling.rules = Rules(policy=policy, seq=1, needs=read_needs())


async def heard(engine: AsyncEngine) -> list[tuple[str, str, bool]]:
    """Channel, state and mark of what was told, in order."""
    query = select(DELIVERIES.c.channel, DELIVERIES.c.body)
    async with engine.connect() as connection:
        rows = (await connection.execute(query)).all()
    alerts = [(row.channel, msgspec.json.decode(row.body, type=Notice).alert) for row in rows]
    alerts.sort(key=lambda one: (one[1].occurred_at, one[1].level, one[1].group_key))
    return [(channel, alert.state.value, alert.exercise) for channel, alert in alerts]


async def test_every_state_goes_to_the_test_channel_once_and_is_marked(engine: AsyncEngine) -> None:
    calling = rehearsing(engine)

    await calling.play()

    states = ("raised", "escalated", "escalated", "acknowledged", "resolved")
    assert await heard(engine) == [("drills", state, True) for state in states]


async def test_the_same_goes_to_the_teams_channels_unmarked_where_the_policy_is_live(
    engine: AsyncEngine,
) -> None:
    calling = Calling(engine, CLIMBING, hands(T0))

    await calling.play()

    told = await heard(engine)
    assert {channel for channel, _, _ in told} == {"chat", "phone"}
    assert not any(exercise for _, _, exercise in told)


async def test_subscribers_read_that_it_is_an_exercise(engine: AsyncEngine) -> None:
    calling = rehearsing(engine)

    await calling.play()
    await calling.ledger.drain([0])

    log = calling.broker.log(ALERTS.name)
    events = [msgspec.json.decode(one.value or b"", type=AlertChanged) for one in log]
    assert len(events) == 5
    assert all(event.exercise for event in events)


async def test_a_summary_of_what_came_late_is_rehearsed_too(engine: AsyncEngine) -> None:
    late = Timeline(
        "late", f"{AT_ONCE}, test_channel: drills", [(0, fires("a1", since=-7200))], [], until=300
    )

    await rehearsing(engine, late).play()

    assert await heard(engine) == [("drills", "raised", True)]


async def play(calling: Calling, lines: Sequence[int], until: float) -> None:
    """Some lines of its timeline, and what is due until then."""
    whole = calling.timeline
    calling.timeline = whole._replace(lines=[whole.lines[n] for n in lines], until=int(until))
    await calling.play()
    calling.timeline = whole


async def test_what_was_rehearsed_stays_in_the_test_channel_when_the_policy_goes_live(
    engine: AsyncEngine,
) -> None:
    calling = rehearsing(engine)
    await play(calling, [0], 10)

    set_live(calling, live=True)
    await play(calling, [1, 2], 1200)

    assert {channel for channel, _, _ in await heard(engine)} == {"drills"}


async def test_a_real_alert_joins_no_call_that_is_rehearsed(engine: AsyncEngine) -> None:
    lines = [(0.0, fires("a1")), (60.0, fires("a2"))]
    both = Timeline("both", f"{AT_ONCE}, test_channel: drills", lines, [])
    calling = rehearsing(engine, both)
    await play(calling, [0], 10)

    set_live(calling, live=True)
    await play(calling, [1], 200)

    assert await heard(engine) == [("drills", "raised", True), ("chat", "raised", False)]


async def test_what_is_rehearsed_keeps_nothing_quiet_that_is_real(engine: AsyncEngine) -> None:
    rule = "inhibit: [{source: {severity: critical}, target: {severity: normal}, equal: [team]}]"
    lines = [
        (0.0, fires("a1", severity="critical")),
        (60.0, fires("a2", "information", severity="normal")),
    ]
    two = Timeline("two", f"{AT_ONCE}, test_channel: drills, {rule}", lines, [])
    calling = rehearsing(engine, two)
    await play(calling, [0], 10)

    set_live(calling, live=True)
    await play(calling, [1], 200)

    assert ("chat", "raised", False) in await heard(engine)


async def test_what_nobody_heard_in_a_rehearsal_goes_into_the_summary_that_is_open(
    engine: AsyncEngine,
) -> None:
    calling = rehearsing(engine)
    first, *_ = calling.timeline.timeline
    held = msgspec.structs.replace(first, fires=None, holds=True)
    await calling.happen(held)
    await calling.happen(first)
    await calling.store.turn()
    calling.clock.passes(hours=1)
    await calling.store.turn()  # looked at again in a minute
    set_live(calling, live=True)
    await calling.happen(msgspec.structs.replace(held, holds=False))
    calling.clock.passes(seconds=10)
    late = Timeline("late", CLIMBING.alerting, [(0, fires("a2", since=-7200))], [])
    await calling.happen(late.timeline[0])
    await calling.store.turn()  # its summary is due in a minute

    for _ in range(4):
        calling.clock.passes(seconds=50)
        await calling.store.turn()

    assert await heard(engine) == [("chat", "raised", False)]


@pytest.mark.parametrize(
    ("lang", "line"),
    [
        ("ru", "В команде care никто не дежурит с 02.03 21:00 до 03.03 09:00"),
        ("bg", "В екип care няма дежурен от 02.03 21:00 до 03.03 09:00"),
        ("en", "Nobody is on duty in team care from 02.03 21:00 until 03.03 09:00"),
    ],
)
def test_a_gap_that_was_told_in_a_rehearsal_is_told_anew_by_a_live_policy(
    lang: str, line: str
) -> None:
    policy = read_policy(NIGHTS.replace("languages: [bg]", f"languages: [{lang}]"))
    live = msgspec.structs.replace(policy, live=True)

    (rehearsed,) = gap_calls(policy, read_needs(), T0)
    (real,) = gap_calls(live, read_needs(), T0 + timedelta(minutes=1))

    assert rehearsed.need == real.need == line
    assert rehearsed.base != real.base

"""Versions of the policy in the store: replicas switch together, and none goes back.

The inputs that break the easy version: two replicas that see the changed file at the same moment;
a file that is wrong; a file beside it that changes alone; a replica that starts with yesterday's
copy of the file.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import msgspec
import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.decisions import Decision
from schemas.yaml_marks import BadFile
from services.route.domain.rulebook import Installed, Rulebook, rules_of
from services.route.handlers import Routing
from services.route.metrics import Metrics
from services.route.settings import read_needs, typical_replies
from services.route.store.cases import RouteStore
from services.route.store.policies import PolicyFile, activate, running
from services.route.store.tables import METADATA
from stream.clock import parse_clock
from stream.database import open_engine
from tests.builders import a_classified, a_post
from tests.stored import opened
from tests.unit.route.test_desk_again import batch
from tests.unit.worktime.holiday_files import an_event, an_ics

FIRST = Path("services/route/policy/default.yaml").read_text(encoding="utf-8")
SECOND = FIRST.replace("policy: default", "policy: second")
NAMING = FIRST.replace('sat: "10:00-15:00"}', 'sat: "10:00-15:00"}, holidays: [days.ics]')
CHANNELS = ("fraud-alerts", "care-alerts", "lead-alerts")
INSTALLED = Installed(channels=CHANNELS, replies=typical_replies())
CLOCK = parse_clock("")


class Replica:
    """A process of route: its own compiled rules and its own copy of the file."""

    def __init__(self, engine: AsyncEngine, file: Path) -> None:
        self.engine = engine
        self.file = PolicyFile(str(file), INSTALLED, engine, CLOCK)
        self.rulebook: Rulebook | None = None

    async def start(self) -> "Replica":
        await self.file.refresh()
        version = await running(self.engine)
        assert version
        self.rulebook = Rulebook(rules_of(version, read_needs()))
        return self

    async def decides_by(self, native: str) -> tuple[str, int]:
        """The policy that decides on a post that this replica takes."""
        assert self.rulebook
        async with self.engine.begin() as connection:
            routing = Routing(self.rulebook, Metrics(CollectorRegistry()))
            outputs = await routing.handle(
                [batch(a_classified(a_post(native)))], RouteStore(connection)
            )
        decision = msgspec.json.decode(outputs[0].value, type=Decision)
        return decision.policy.name, decision.policy.seq


@pytest.fixture
async def engines(database_url: str) -> AsyncIterator[Sequence[AsyncEngine]]:
    async with opened(database_url, METADATA) as one:
        other = open_engine(database_url)
        yield one, other
        await other.dispose()


def written(file: Path, text: str, *, at: float | None = None) -> Path:
    """The file with this text, written now or at that second."""
    file.write_text(text, encoding="utf-8")
    if at is not None:
        os.utime(file, (at, at))
    return file


def later(file: Path, seconds: float = 5) -> float:
    return file.stat().st_mtime + seconds


async def test_the_same_text_is_one_version_and_another_text_is_another(
    engines: Sequence[AsyncEngine],
) -> None:
    texts = (FIRST, FIRST, SECOND, SECOND, FIRST)
    versions = [await activate(engines[0], text, author="vera", clock=CLOCK) for text in texts]

    numbers = [version.seq for version in versions]
    assert numbers[0] == numbers[1] < numbers[2] == numbers[3] < numbers[4]


async def test_two_replicas_that_see_a_change_at_once_make_one_version(
    engines: Sequence[AsyncEngine],
) -> None:
    for text in (FIRST, SECOND):
        versions = await asyncio.gather(
            *(activate(engine, text, author="vera", clock=CLOCK) for engine in engines)
        )
        assert len({version.seq for version in versions}) == 1


async def test_all_replicas_switch_with_their_next_step_and_none_goes_back(
    engines: Sequence[AsyncEngine], tmp_path: Path
) -> None:
    mine, theirs = (written(tmp_path / name, FIRST) for name in ("mine", "theirs"))
    one = await Replica(engines[0], mine).start()
    other = await Replica(engines[1], theirs).start()
    before = [await one.decides_by("p1"), await other.decides_by("p2")]

    written(mine, SECOND, at=later(mine))
    await one.file.refresh()
    await other.file.refresh()
    after = [await other.decides_by("p3"), await one.decides_by("p4")]
    written(theirs, SECOND, at=later(theirs, 90))
    await other.file.refresh()
    last = [await one.decides_by("p5"), await other.decides_by("p6")]

    assert {name for name, _ in before} == {"default"}
    assert {name for name, _ in after + last} == {"second"}
    assert len({seq for _, seq in after + last}) == 1


async def test_a_file_that_fails_leaves_the_running_version_until_it_is_mended(
    engines: Sequence[AsyncEngine], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = written(tmp_path / "policy.yaml", FIRST)
    replica = await Replica(engines[0], file).start()

    wrong = (
        SECOND.replace("team: fraud", "team: frod"),
        SECOND.replace("alerts: care-alerts", "alerts: elsewhere"),
        SECOND.replace("gives: {rule: danger, disposition: human_review", "gives: {rule: spam"),
        "",
    )
    for n, text in enumerate(wrong):
        written(file, text, at=later(file))
        await replica.file.refresh()
        assert not replica.file.ok
        assert (await replica.decides_by(f"p{n}"))[0] == "default"
    refused = [record for record in caplog.records if record.message == "policy refused"]
    await replica.file.refresh()
    assert len(refused) == 4

    written(file, SECOND, at=later(file))
    await replica.file.refresh()
    assert replica.file.ok
    assert (await replica.decides_by("p-last"))[0] == "second"


async def test_a_holiday_file_that_changes_makes_a_version_and_a_bad_one_does_not(
    engines: Sequence[AsyncEngine], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    days = written(tmp_path / "days.ics", an_ics(an_event("20260504")))
    file = written(tmp_path / "policy.yaml", NAMING)
    replica = await Replica(engines[0], file).start()
    first = await running(engines[0])

    written(days, an_ics(an_event("20260505", name="Почивен ден")), at=later(days))
    await replica.file.refresh()
    second = await running(engines[0])
    written(days, an_ics(an_event("20260505T100000Z")), at=later(days))
    for _ in range(3):
        await replica.file.refresh()
    was_ok, third = replica.file.ok, await running(engines[0])
    written(days, an_ics(an_event("20260506")), at=later(days))
    await replica.file.refresh()
    last = await running(engines[0])

    assert first
    assert second
    assert third
    assert last
    assert first.seq < second.seq == third.seq < last.seq
    assert "Почивен ден" in second.text
    assert (was_ok, replica.file.ok) == (False, True)
    assert sum(record.message == "policy refused" for record in caplog.records) == 1


async def test_a_bad_file_starts_no_first_version_but_stops_no_later_start(
    engines: Sequence[AsyncEngine], tmp_path: Path
) -> None:
    file = written(tmp_path / "policy.yaml", "policy: nothing")
    with pytest.raises(BadFile):
        await Replica(engines[0], file).start()
    await activate(engines[0], FIRST, author="vera", clock=CLOCK)

    replica = await Replica(engines[0], file).start()

    assert not replica.file.ok
    assert (await replica.decides_by("p1"))[0] == "default"


async def test_a_stale_copy_takes_nothing_back_and_a_file_that_was_put_back_does(
    engines: Sequence[AsyncEngine], tmp_path: Path
) -> None:
    old = written(tmp_path / "old.yaml", FIRST)
    await Replica(engines[0], old).start()
    written(old, FIRST, at=later(old, -3600))
    await activate(engines[0], SECOND, author="vera", clock=CLOCK)

    stale = await Replica(engines[1], old).start()
    assert (await stale.decides_by("p1"))[0] == "second"

    written(old, FIRST, at=later(old, 7200))
    put_back = await Replica(engines[1], old).start()
    assert (await put_back.decides_by("p2"))[0] == "default"


async def test_a_version_says_who_made_it(engines: Sequence[AsyncEngine], tmp_path: Path) -> None:
    await Replica(engines[0], written(tmp_path / "policy.yaml", FIRST)).start()

    version = await running(engines[0])

    assert version
    assert version.author == "file policy.yaml"

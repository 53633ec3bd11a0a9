"""A service is a process: it drains on SIGTERM, and dies by SIGKILL without losing anything.

The inputs that break the easy version: a kill with work in hand, on the ledger of both databases;
a stop that must finish within ten seconds; the same process started again.
"""

from pathlib import Path

import msgspec
import pytest

from deploy.local.process import tail
from schemas.event import Topic, derive_id
from schemas.topics import CLASSIFIED, DECISIONS, POSTS, TICKETS, TOPICS, dead_letters
from stream.flow import Received
from stream.reading import read_all
from stream.topic_admin import Cluster, create
from tests.builders import MONDAY, a_classified, a_post, minutes
from tests.processes import by_id, lag, start, write

COUNT = 2000
PATIENCE = 10.0


async def read_distinct(cluster: Cluster, topic: Topic) -> list[Received]:
    """Read until every event is there; a kill between ack and delete sends some twice."""
    records = await read_all(cluster, topic, at_least=COUNT)
    while len(by_id(records)) < COUNT:
        records = await read_all(cluster, topic, at_least=len(records) + 1)
    return records


async def test_sigterm_drains_and_the_next_process_goes_on(
    cluster: Cluster, tmp_path: Path
) -> None:
    await create(cluster, TOPICS)
    posts = [a_post(f"p{n}", author=f"c{n}") for n in range(COUNT)]
    await write(cluster, posts, POSTS)

    first = start("classify", cluster, tmp_path)
    await read_all(cluster, CLASSIFIED, at_least=100)
    first.terminate()
    code = first.process.wait(PATIENCE)
    first.stop()
    second = start("classify", cluster, tmp_path)
    records = await read_all(cluster, CLASSIFIED, at_least=COUNT)
    second.stop()

    assert code == 0, tail(tmp_path / "classify.log")
    assert by_id(records).keys() == {derive_id(p.event_id, "ClassifiedPost") for p in posts}
    assert len(records) == COUNT, "what was drained and committed is not done again"
    assert await read_all(cluster, dead_letters("classify")) == []


async def test_sigkill_in_mid_work_loses_nothing_and_invents_nothing(
    cluster: Cluster, tmp_path: Path, database_url: str
) -> None:
    await create(cluster, TOPICS)
    posts = [a_post(f"p{n}", author=f"c{n}", at=MONDAY + minutes(n)) for n in range(COUNT)]
    await write(cluster, [a_classified(post) for post in posts], CLASSIFIED)

    first = start("route", cluster, tmp_path, DATABASE_URL=database_url)
    await read_all(cluster, DECISIONS, at_least=50)
    waiting = await lag(cluster, "route", CLASSIFIED)
    first.kill()
    second = start("route", cluster, tmp_path, DATABASE_URL=database_url)
    decisions = await read_distinct(cluster, DECISIONS)
    tickets = await read_distinct(cluster, TICKETS)
    second.stop()

    assert waiting > 0, "the kill must land with work in hand"
    for kind, records in (("Decision", decisions), ("TicketEvent", tickets)):
        found = by_id(records)
        assert len(found) == COUNT, kind
        assert all(len(values) == 1 for values in found.values()), kind
    opened = {msgspec.json.decode(r.value or b"")["ticket"]["id"] for r in tickets}
    assert len(opened) == COUNT


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ({"PARTITIONS": "many"}, "PARTITIONS"),
        ({"CHANNELS": "{}"}, "fraud-alerts"),
        ({"POLICY": "no-such-file.yaml"}, "no-such-file.yaml"),
    ],
)
def test_a_wrong_setting_ends_the_process_with_one_clear_line(
    setting: dict[str, str], says: str, cluster: Cluster, tmp_path: Path
) -> None:
    child = start(
        "route", cluster, tmp_path, DATABASE_URL=f"sqlite:///{tmp_path / 'r.db'}", **setting
    )

    code = child.process.wait(PATIENCE)
    child.stop()

    assert code == 2
    assert says in tail(tmp_path / "route.log").splitlines()[-1]

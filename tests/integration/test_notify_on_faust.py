"""Does notify keep our manners with Faust in its process? Probes, log lines and its end.

The inputs that break the easy version: topics that do not exist, which Faust waits for without a
word; a broker that is killed, of which it writes a thousand lines; SIGTERM in that outage.
"""

import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from deploy.local import kafka
from deploy.local.process import Child, tail
from schemas.event import PipelineTick
from schemas.topics import SLA, TICKETS, TOPICS
from stream.log import CLIENTS, LINES, WINDOW_SECONDS
from stream.reading import read_all
from stream.topic_admin import Cluster, create
from tests.builders import a_record
from tests.processes import committed, lag, start, write_records
from tests.unit.notify.builders import at, ticket, told, wrote

PATIENCE = 10.0
LOOKS = 300


async def overdue(cluster: Cluster, name: str) -> None:
    """A ticket without an answer, and the tick behind its due time."""
    tick = PipelineTick(event_id=f"tick-{name}", occurred_at=at(0), received_before=at(600))
    records = [told(ticket(wrote(0), name=name)), tick]
    await write_records(cluster, [a_record(one, topic=TICKETS.name) for one in records])


class Notify:
    """Notify as a process, and what it says."""

    def __init__(self, cluster: Cluster, folder: Path, **settings: str) -> None:
        store = f"sqlite:///{folder / 'notify.db'}"
        self._log = folder / "notify.log"
        self._child: Child = start("notify", cluster, folder, DATABASE_URL=store, **settings)

    def lines(self) -> list[dict[str, Any]]:
        """All that it has written; every line is one JSON object."""
        written = self._log.read_bytes().splitlines(keepends=True)
        return [msgspec.json.decode(line) for line in written if line.endswith(b"\n")]

    def wait_for(self, key: str, logger: str = "") -> Any:
        """The first value of a field, looked for until it is there or the process has ended."""
        for _ in range(LOOKS):
            lines = [line for line in self.lines() if line["logger"].startswith(logger)]
            found = [line[key] for line in lines if key in line]
            if found:
                return found[0]
            with suppress(subprocess.TimeoutExpired):
                self._child.process.wait(0.2)
                break
        raise AssertionError(tail(self._log))

    def get(self, path: str) -> httpx.Response:
        return httpx.get(self.wait_for("address") + path)

    def end(self) -> int:
        """Its exit code after SIGTERM."""
        self._child.terminate()
        code = self._child.process.wait(PATIENCE)
        self._child.stop()
        return code


async def test_notify_reads_on_faust_and_sigterm_ends_it(cluster: Cluster, tmp_path: Path) -> None:
    await create(cluster, TOPICS)
    await overdue(cluster, "t1")

    notify = Notify(cluster, tmp_path)
    await read_all(cluster, SLA, at_least=1)
    ready = notify.get("/readyz").status_code
    code = notify.end()

    assert (ready, code) == (200, 0)
    assert await lag(cluster, "notify", TICKETS) == 0
    ours = [line for line in notify.lines() if line["logger"].startswith("stream")]
    assert {line["level"] for line in ours} == {"info"}
    assert not [one for one in notify.lines() if one["logger"].startswith(("faust", "mode"))]
    assert "words of a customer" not in str(notify.lines())


async def test_the_other_pump_goes_on_where_faust_was(cluster: Cluster, tmp_path: Path) -> None:
    await create(cluster, TOPICS)
    await overdue(cluster, "t1")
    on_faust = Notify(cluster, tmp_path)
    await read_all(cluster, SLA, at_least=1)
    assert on_faust.end() == 0

    on_aiokafka = Notify(cluster, tmp_path, PUMP="aiokafka")
    await overdue(cluster, "t2")
    records = await read_all(cluster, SLA, at_least=2)
    assert on_aiokafka.end() == 0

    assert len(records) == 2
    assert sum((await committed(cluster, "notify", TICKETS)).values()) == 4


async def test_a_pipeline_that_falls_silent_is_announced_blind(
    cluster: Cluster, tmp_path: Path
) -> None:
    await create(cluster, TOPICS)
    nearly = at(60 - 1 / 60)
    tick = PipelineTick(event_id="tick", occurred_at=at(0), received_before=nearly)
    records = [told(ticket(wrote(0))), tick]
    await write_records(cluster, [a_record(one, topic=TICKETS.name) for one in records])

    notify = Notify(cluster, tmp_path, MAX_PIPELINE_AGE="0.5")
    risk, breach = await read_all(cluster, SLA, at_least=2)
    notify.wait_for("count", logger="services.notify")
    assert notify.end() == 0

    events = [msgspec.json.decode(one.value or b"") for one in (risk, breach)]
    assert [(one["state"], one.get("blind", False)) for one in events] == [
        ("at_risk", False),
        ("breached", True),
    ]


def test_without_its_topics_notify_is_alive_and_not_ready(cluster: Cluster, tmp_path: Path) -> None:
    notify = Notify(cluster, tmp_path)

    notify.wait_for("message", logger="aiokafka")  # of the topics that it does not find
    found = notify.get("/livez").status_code, notify.get("/readyz").status_code

    assert notify.end() == 0
    assert found == (200, 503)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[kafka.Broker]:
    started = kafka.start(kafka.CACHE, tmp_path / "kafka")
    yield started
    started.stop()


async def test_an_outage_is_a_few_lines_and_sigterm_ends_it(
    broker: kafka.Broker, tmp_path: Path
) -> None:
    own = Cluster(bootstrap=broker.bootstrap, prefix="outage", partitions=3)
    await create(own, TOPICS)
    await overdue(own, "t1")
    notify = Notify(own, tmp_path)
    await read_all(own, SLA, at_least=1)

    broker.child.signal(signal.SIGKILL)
    left_out = notify.wait_for("count")
    code = notify.end()

    assert code == 0
    assert left_out > LINES, "without the limit it would be a flood"
    lines = [one for one in notify.lines() if one["logger"].partition(".")[0] in CLIENTS]
    times = [datetime.fromisoformat(line["at"]) for line in lines]
    windows = 2 + (max(times) - min(times)).total_seconds() // WINDOW_SECONDS
    assert max(Counter(line["logger"] for line in lines).values()) <= LINES * windows

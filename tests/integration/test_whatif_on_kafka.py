"""What-if reads the recorded decisions from their own topic, on a real Kafka.

The inputs that break the easy version: a decision that the topic holds twice, decisions in another
order than they were made in, because each conversation has its partition, and an older one.
"""

import asyncio
import json
from pathlib import Path

import pytest

from schemas.decisions import Decision
from schemas.topics import DECISIONS
from services.route.__main__ import main
from stream.topic_admin import Cluster, create
from tests.builders import MONDAY, a_record
from tests.processes import write_records
from tests.unit.route.recorded_day import DEFAULT, changed_policy, day, decisions


async def fill(cluster: Cluster, recorded: list[Decision]) -> None:
    await create(cluster, [DECISIONS])
    shuffled = [*recorded[::2], *recorded[1::2], *recorded[:5]]
    records = [
        a_record(one, topic=DECISIONS.name, partition=n % cluster.partitions)
        for n, one in enumerate(shuffled)
    ]
    await write_records(cluster, records)


def test_the_decisions_of_the_topic_since_noon_are_compared_once_in_the_order_of_time(
    cluster: Cluster,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    recorded = decisions(day())
    asyncio.run(fill(cluster, recorded))
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", cluster.bootstrap)
    monkeypatch.setenv("TOPIC_PREFIX", cluster.prefix)
    monkeypatch.setenv("PARTITIONS", str(cluster.partitions))
    old, new = tmp_path / "old.yaml", tmp_path / "new.yaml"
    old.write_text(DEFAULT, encoding="utf-8")
    new.write_text(changed_policy(), encoding="utf-8")

    since = MONDAY.isoformat()
    assert main(["whatif", "--old", str(old), "--new", str(new), "--since", since]) == 0

    *rows, last = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    wanted = [one for one in recorded if one.occurred_at >= MONDAY]
    times = {one.post_id: one.occurred_at for one in wanted}
    assert last["totals"]["posts"] == len(wanted)
    told = [times[row["post_id"]] for row in rows]
    assert told == sorted(told)
    assert len(told) > 50

"""What is exported of a source outlives the process, and a polled source is a source too.

The inputs that break the easy version: a restart in a silence, which would begin anew; an account
that no webhook leads to, whose silence nobody would be told of.
"""

import re
from pathlib import Path

import httpx
import msgspec

from schemas.topics import TOPICS
from stream.topic_admin import Cluster, create
from tests.integration.ingest_process import Ingest, ingest, token_of
from tests.processes import ROOT

LAST = r'^otklik_source_last_event_timestamp_seconds\{brand="severbank",source="generic"\} (\S+)$'
USUAL = r'^otklik_source_expected_interval_seconds\{brand="lavka",source="rss"\} (\S+)$'
POLLED = """
      - source: rss
        id: forum
        channel_role: service
        expected_interval_minutes: 60
        poll: {url: "http://127.0.0.1:9/feed"}
"""


def brands(folder: Path) -> str:
    file = folder / "brands.yaml"
    given = (ROOT / "services/ingest/brands.example.yaml").read_text(encoding="utf-8")
    file.write_text(given + POLLED.lstrip("\n"), encoding="utf-8")
    return str(file)


async def exported(running: Ingest, what: str) -> float | None:
    async with httpx.AsyncClient() as client:
        text = (await client.get(f"{running.probes}/metrics")).text
    found = re.search(what, text, flags=re.M)
    return float(found[1]) if found else None


async def was_written(running: Ingest) -> None:
    """Wait until the store knows when the source was heard."""
    headers = {"authorization": f"Bearer {token_of('operator')}"}
    async with httpx.AsyncClient(headers=headers) as client:
        last = None
        while last is None:
            sources = (await client.get(f"{running.admin}/v1/sources")).json()
            last = next(one["last_event_at"] for one in sources if one["account"] == "bank")


async def test_a_restart_is_no_news_of_a_source(cluster: Cluster, tmp_path: Path) -> None:
    await create(cluster, TOPICS)
    given = {"BRANDS": brands(tmp_path)}
    body = msgspec.json.encode({"id": "1", "author": {"id": "anna"}, "text": "Спасибо!"})

    async with ingest(cluster, tmp_path, **given) as first, httpx.AsyncClient() as client:
        assert await exported(first, LAST) is None
        assert (await first.post(client, body, "m1")).status_code == 202
        before = await exported(first, LAST)
        await was_written(first)
    async with ingest(cluster, tmp_path, **given) as second:
        after, usual = await exported(second, LAST), await exported(second, USUAL)

    assert before is not None
    assert after is not None
    assert abs(after - before) < 0.001
    assert usual == 3600

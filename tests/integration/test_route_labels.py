"""From an override by command to what classify is evaluated on, and from the topic itself.

The inputs that break the easy version: an override whose post the topic no longer has; a customer
who asked to be forgotten after the labels were fetched.
"""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from schemas.event import encode
from schemas.posts import Author
from schemas.topics import CLASSIFIED, ERASURES
from services.route.__main__ import main
from stream.topic_admin import Cluster, create
from tests.builders import a_classified, a_post, a_record
from tests.integration.route_calls import a_ticket, ask, command, route, wish
from tests.integration.test_route_on_its_store import Running
from tests.processes import write_records
from tests.unit.route.test_labels import TEXTS, corrected

__all__ = ["route"]

MANY = 24


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_overrides_are_what_classify_evaluates_on(
    route: Running, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    langs = [*TEXTS] * (MANY // len(TEXTS))
    posts = [a_post(f"p{n}", author=f"c{n}", text=f"{TEXTS[x]} {n}") for n, x in enumerate(langs)]
    for post in posts:
        ticket = await a_ticket(route, post.id, author=post.author, text=post.text)
        done = await command(route, "lena", ticket, "override", urgency=99, reason="a journalist")
        assert done.status_code == 200
    given, export = tmp_path / "corrections.jsonl", tmp_path / "events.jsonl"
    given.write_text((await ask(route, "boss", "/v1/corrections")).text, encoding="utf-8")
    export.write_bytes(b"\n".join(encode(a_classified(post)) for post in posts[1:]))
    folder = tmp_path / "data" / "labels"
    folder.mkdir(parents=True)

    assert await asyncio.to_thread(main, ["labels", str(given), "--events", str(export)]) == 0
    said = capsys.readouterr()
    (folder / "overrides.jsonl").write_text(said.out, encoding="utf-8")
    evaluated = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "services.classify", "evaluate", "--data", str(tmp_path / "data")],
        capture_output=True,
        text=True,
        check=True,
    )

    assert f"{MANY - 1} of {MANY} corrected posts" in said.err
    assert f"real ({MANY - 1})" in evaluated.stdout


def test_without_an_export_the_texts_are_read_from_their_topic(
    cluster: Cluster,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    authors = {"p1": Author(id="anna", hash="a" * 64), "p2": Author(id="boris", hash="b" * 64)}
    posts = [a_classified(a_post(name, author=one)) for name, one in authors.items()]
    records = [a_record(one, topic=CLASSIFIED.name, partition=n) for n, one in enumerate(posts)]
    asyncio.run(create(cluster, [CLASSIFIED, ERASURES]))
    asyncio.run(write_records(cluster, [*records, a_record(wish("a" * 64), topic=ERASURES.name)]))
    for name, value in (
        ("KAFKA_BOOTSTRAP_SERVERS", cluster.bootstrap),
        ("TOPIC_PREFIX", cluster.prefix),
        ("PARTITIONS", str(cluster.partitions)),
    ):
        monkeypatch.setenv(name, value)
    given = tmp_path / "corrections.jsonl"
    given.write_bytes(msgspec.json.Encoder().encode_lines([corrected("p1"), corrected("p2")]))

    assert main(["labels", str(given)]) == 0

    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["id"] == "severbank:p2"

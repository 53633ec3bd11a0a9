"""Ingest's doctor knows whether platforms have asked, and whether their address leads to us.

The inputs that break the easy version: a proxy that lets no webhook through, a platform that was
never told the address, an address where nobody listens.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from schemas.topics import TOPICS
from services.ingest.checkup import examined
from services.ingest.settings import Settings, read
from stream.topic_admin import Cluster, create
from tests.integration.ingest_process import Ingest, ingest, settings_of

BRANDS = """
brands:
  severbank:
    accounts:
      - source: meta
        id: page
        channel_role: service
        own_ids: ["1"]
        secrets: [APP]
        handshake: WORD
      - {source: generic, id: bank, channel_role: service, secrets: [HOOK]}
"""
KEY = "k" * 32
KEYS = {"APP": "app secret", "WORD": "verify", "HOOK": "bearer"}


@pytest.fixture
async def running(cluster: Cluster, tmp_path: Path) -> AsyncIterator[Ingest]:
    await create(cluster, TOPICS)
    (tmp_path / "brands.yaml").write_text(BRANDS, encoding="utf-8")
    brands = str(tmp_path / "brands.yaml")
    async with ingest(cluster, tmp_path, BRANDS=brands, ERASURE_KEY=KEY, **KEYS) as started:
        yield started


def settings(cluster: Cluster, folder: Path, public: str) -> Settings:
    """As the process has them, with the address that platforms are told."""
    found = settings_of(folder, BRANDS=str(folder / "brands.yaml"), ERASURE_KEY=KEY)
    return read(
        {
            **found,
            "KAFKA_BOOTSTRAP_SERVERS": cluster.bootstrap,
            "TOPIC_PREFIX": cluster.prefix,
            "PARTITIONS": str(cluster.partitions),
            "PUBLIC_URL": public,
        }
    )


async def told(cluster: Cluster, folder: Path, public: str) -> list[str]:
    found = [one async for one in examined(settings(cluster, folder, public), KEYS)]
    return [f"{'ok' if one.well else 'bad'}: {one}" for one in found]


async def about_hooks(cluster: Cluster, folder: Path, public: str) -> list[str]:
    return [line for line in await told(cluster, folder, public) if "/v1/hooks/" in line]


def says(lines: list[str], how: str, words: str) -> bool:
    return any(line.startswith(how) and words in line for line in lines)


async def test_a_handshake_is_missed_until_the_platform_has_asked(
    running: Ingest, cluster: Cluster, tmp_path: Path
) -> None:
    before = await told(cluster, tmp_path, running.hooks)
    asked = {"hub.mode": "subscribe", "hub.challenge": "42", "hub.verify_token": "verify"}
    async with httpx.AsyncClient() as client:
        answer = await client.get(f"{running.hooks}/v1/hooks/meta/page", params=asked)
    async with asyncio.timeout(20):  # it is written behind
        while not says(await told(cluster, tmp_path, running.hooks), "ok", "asked at"):
            pass

    assert answer.text == "42"
    assert says(before, "bad", "never asked")


async def test_an_address_that_leads_elsewhere_is_named(
    running: Ingest, cluster: Cluster, tmp_path: Path
) -> None:
    ours = await about_hooks(cluster, tmp_path, running.hooks)
    other = await about_hooks(cluster, tmp_path, running.probes)
    nobody = await about_hooks(cluster, tmp_path, "http://127.0.0.1:1")

    assert all(line.startswith("ok") for line in ours)
    assert all("answered 404" in line for line in other)
    assert all("ConnectError" in line for line in nobody)
    assert len(ours) == len(other) == len(nobody) == 2


async def test_what_is_not_set_is_named_and_no_store_is_made(
    cluster: Cluster, tmp_path: Path
) -> None:
    (tmp_path / "brands.yaml").write_text(BRANDS.replace('own_ids: ["1"]', "own_ids: []"), "utf-8")
    here = settings(cluster, tmp_path, "")

    unset = [str(one) async for one in examined(here, {"APP": "app secret"})]
    missing = [str(one) async for one in examined(here, KEYS)]

    assert any("WORD is not set" in line for line in unset)
    assert any("has no own_ids" in line for line in unset)
    assert any("DATABASE_URL: there is no file" in line for line in missing)
    assert not (tmp_path / "ingest.db").exists()

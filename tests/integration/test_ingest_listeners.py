"""Three listeners, each with its own paths; the admin API is what its document says.

The inputs that break the easy version: an admin path on the public port, a wrong token beside a
right one, whatever schemathesis makes of the document.
"""

import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from schemas.topics import TOPICS
from stream.topic_admin import Cluster, create
from tests.integration.ingest_process import ROLES, Ingest, ingest, token_of

HERE = {
    "hooks": {("POST", "/v1/hooks/generic/bank"): 401, ("GET", "/v1/hooks/generic/bank"): 405},
    "admin": {
        ("GET", "/v1/sources"): 401,
        ("POST", "/v1/replies"): 401,
        ("POST", "/v1/drills"): 401,
        ("GET", "/openapi.json"): 200,
        ("GET", "/docs"): 404,
    },
    "probes": {("GET", "/livez"): 200, ("GET", "/readyz"): 200, ("GET", "/metrics"): 200},
}
"""What each listener answers to a caller who shows nothing; 404 to every path of the others."""


@pytest.fixture
async def running(cluster: Cluster, tmp_path: Path) -> AsyncIterator[Ingest]:
    await create(cluster, TOPICS)
    async with ingest(cluster, tmp_path) as started:
        yield started


async def test_every_path_is_on_its_own_port_and_on_no_other(running: Ingest) -> None:
    paths = {call for calls in HERE.values() for call in calls}
    ports = {"hooks": running.hooks, "admin": running.admin, "probes": running.probes}
    async with httpx.AsyncClient() as client:
        answers = {
            (port, method, path): (
                await client.request(method, f"{url}{path}", json={} if method == "POST" else None)
            ).status_code
            for port, url in ports.items()
            for method, path in paths
        }

    assert answers == {(port, *call): HERE[port].get(call, 404) for port in ports for call in paths}


@pytest.mark.parametrize("role", ["", *ROLES])
def test_the_admin_api_is_as_documented_whatever_is_sent(
    running: Ingest, role: str, tmp_path: Path
) -> None:
    shown = ["--header", f"Authorization: Bearer {token_of(role)}"] if role else []
    done = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "run", f"{running.admin}/openapi.json"),
            *("--max-examples", "40", "--seed", "1", "--phases", "examples,coverage,fuzzing"),
            *("--checks", "all", "--continue-on-failure", *shown),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-6000:]
    assert "0 cases" not in done.stdout

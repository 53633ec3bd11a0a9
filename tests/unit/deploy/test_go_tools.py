"""Which Go builds a tool on this or that machine? The inputs: none, an old one, a broken one."""

from pathlib import Path

import pytest

from deploy.local.go_tools import PACKAGE, REQUIREMENTS, fetch, system_go
from deploy.local.process import LaunchError


def _go(folder: Path, body: str) -> dict[str, str]:
    program = folder / "go"
    program.write_text(f"#!/bin/sh\n{body}\n")
    program.chmod(0o755)
    return {"PATH": str(folder)}


@pytest.mark.parametrize("version", ["go1.22.0", "go1.26.8", "go2.0"])
def test_the_machines_own_go_is_used_where_it_is_new_enough(tmp_path: Path, version: str) -> None:
    environment = _go(tmp_path, f"echo go version {version} linux/amd64")

    assert system_go(environment) == tmp_path / "go"
    assert system_go({**environment, "OTKLIK_GO_ROUTE": "python"}) is None


@pytest.mark.parametrize("body", ["echo go version go1.21.13 linux/amd64", "exit 1", "echo hello"])
def test_a_go_that_is_old_or_broken_counts_as_none(tmp_path: Path, body: str) -> None:
    assert system_go(_go(tmp_path, body)) is None


def test_no_go_is_none(tmp_path: Path) -> None:
    assert system_go({"PATH": str(tmp_path)}) is None


def test_the_go_of_the_package_index_is_pinned_by_hash() -> None:
    lock = REQUIREMENTS.read_text(encoding="utf-8")

    assert f"{PACKAGE}==" in lock
    assert "--hash=sha256:" in lock


def test_a_program_that_is_there_is_not_built_again(tmp_path: Path) -> None:
    module = "example.org/cmd/sink@v1.0.0"
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "sink").write_text("")
    (tmp_path / "sink.module").write_text(module)

    assert fetch(module, tmp_path) == tmp_path / "bin" / "sink"


def test_another_version_is_built_anew_and_a_failure_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = _go(
        tmp_path, 'test "$1" = version && echo go1.26 || { echo no such module; exit 1; }'
    )
    monkeypatch.setattr("deploy.local.go_tools.MACHINE", environment)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "sink").write_text("")
    (tmp_path / "sink.module").write_text("example.org/cmd/sink@v1.0.0")

    with pytest.raises(LaunchError, match=r"no such module.*put a sink into .*bin"):
        fetch("example.org/cmd/sink@v1.0.1", tmp_path)

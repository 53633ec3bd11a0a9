"""The build refuses what the architecture forbids.

The inputs that break the easy version: a module that no layer names, a function that has grown to
three, a service that needs another one to be imported.
"""

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.topics import SERVICES, TOPICS
from stream.settings import VERSION
from tests.planted.__main__ import read

PACKAGES = ("schemas", "stream", "worktime", "services", "deploy", "bench")
WRITTEN_OUT = "migrations"
"""What Alembic wrote: one list of tables, as long as it is."""
FILES = sorted(
    path
    for package in PACKAGES
    for path in Path(package).rglob("*.py")
    if path.parent.name != WRITTEN_OUT
)
MODULE_LINES, FUNCTION_LINES, SHORT = 300, 40, 20
SHARED = ("schemas", "stream", "worktime")
SIX = ("__main__", "settings", "app", "api", "handlers", "metrics")


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Each function's name and how many lines of code its body has, docstring left out."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            if body:
                yield f"{path}:{node.name}", (body[-1].end_lineno or 0) - body[0].lineno + 1


def test_modules_stay_within_their_budget() -> None:
    sizes = {str(path): len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}

    assert {path: size for path, size in sizes.items() if size > MODULE_LINES} == {}


def test_functions_stay_within_their_budget() -> None:
    sizes = dict(size for path in FILES for size in functions(path))

    assert {name: size for name, size in sizes.items() if size > FUNCTION_LINES} == {}
    assert sum(size <= SHORT for size in sizes.values()) / len(sizes) >= 0.9


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_imports_with_only_the_shared_packages_beside_it(
    service: str, tmp_path: Path
) -> None:
    for package in (*SHARED, f"services/{service}"):
        (tmp_path / package).parent.mkdir(exist_ok=True)
        (tmp_path / package).symlink_to(Path(package).resolve())
    modules = [
        ".".join(path.with_suffix("").parts)
        for path in Path(f"services/{service}").rglob("*.py")
        if path.name != "__main__.py"
    ]

    done = subprocess.run(
        [sys.executable, "-c", "\n".join(f"import {module}" for module in modules)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.parametrize("service", SERVICES)
def test_six_files_have_the_same_name_in_every_service(service: str) -> None:
    for name in SIX:
        module, package = (
            Path(f"services/{service}/{name}{end}") for end in (".py", "/__init__.py")
        )
        assert module.exists() or package.exists(), name


def test_one_writer_per_topic() -> None:
    for topic in TOPICS:
        assert topic.written_by in {*SERVICES, "operators"}


def test_the_version_is_the_same_everywhere() -> None:
    project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert project["version"] == VERSION


def test_every_ignore_has_a_reason_on_its_line() -> None:
    tests = sorted(Path("tests").rglob("*.py"))
    bare = [
        f"{path}:{number}"
        for path in (*FILES, *tests)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if ("# noqa" in line or "# type: ignore" in line)
        and not any(mark in line for mark in (" - ", "]  # "))
        and path != Path(__file__).relative_to(Path.cwd())
    ]

    assert bare == []


@pytest.mark.parametrize("patch", sorted(Path("tests/planted").glob("*.patch")), ids=str)
def test_every_planted_bug_still_applies(patch: Path) -> None:
    done = subprocess.run(
        ["git", "apply", "--check", str(patch)], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("patch", sorted(Path("tests/planted").glob("*.patch")), ids=str)
def test_every_planted_bug_names_tests_that_are_there(patch: Path) -> None:
    suites = Path("tests/promises.py").read_text(encoding="utf-8")

    for test in read(patch).tests:
        file, _, names = test.partition("::")
        name = names.rpartition("::")[2].partition("[")[0]
        assert Path(file).exists(), test
        assert not name or f"def {name}(" in Path(file).read_text(encoding="utf-8") + suites, test

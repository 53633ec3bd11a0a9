"""docs/add-a-platform.md is followed word for word: its blocks are files, its command is run.

The inputs that break the easy version: a name that is there already, a module that lacks a
function, an entry point that leads nowhere.
"""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path

import msgspec
import pytest

from services.ingest.domain.brands import read_brands
from services.ingest.platforms.table import PLATFORMS
from services.ingest.plugins import GROUP, with_plugins
from stream.settings import BadSettings

PAGE = Path("docs/add-a-platform.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"^```\w+ ([\w.]+)\n(.*?)^```$", PAGE, flags=re.M | re.S))
COMMAND = re.findall(r"^\$ \.venv/bin/python (.* normalize .*)$", PAGE, flags=re.M)


@pytest.fixture
def walk(tmp_path: Path) -> Path:
    """The files of the page beside a repository, the package announced as an installer would."""
    (tmp_path / "otklik").mkdir()
    folder = tmp_path / "otklik-forum"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    project = tomllib.loads(FILES["pyproject.toml"])["project"]
    installed = folder / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    installed.mkdir()
    about = f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    (installed / "METADATA").write_text(about)
    lines = [
        line
        for group, points in project["entry-points"].items()
        for line in (f"[{group}]", *(f"{name} = {value}" for name, value in points.items()))
    ]
    (installed / "entry_points.txt").write_text("\n".join(lines))
    return folder


def test_the_walk_ends_with_the_post_that_it_shows(walk: Path) -> None:
    (command,) = COMMAND

    done = subprocess.run(
        [sys.executable, *command.split()],
        cwd=walk.parent / "otklik",
        env={"PYTHONPATH": f"{Path.cwd()}:{walk}"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    found, shown = msgspec.json.decode(done.stdout), msgspec.json.decode(FILES["expected.json"])
    (post,) = found["posts"]
    assert shown == {
        "file": found["file"],
        "outcome": found["outcome"],
        "id": post["id"],
        "text": post["text"],
        "author": post["author"]["id"],
        "conversation_id": post["conversation_id"],
        "space": post["space"],
    }


def test_the_brands_file_of_the_walk_is_one() -> None:
    accounts = read_brands(FILES["brands.yaml"], {"forum"})

    assert [(one.brand, one.own_ids) for one in accounts.values()] == [
        ("severbank", frozenset({"1"}))
    ]


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("vk", "services.ingest.platforms.viber", "`vk` is there"),
        (
            "fax",
            "services.ingest.platforms.wire",
            "lacks normalize, split, handshake, verify, taken",
        ),
        ("fax", "otklik_nothing", "expected the module otklik_nothing"),
    ],
)
def test_what_is_no_platform_is_refused_at_start(name: str, value: str, why: str) -> None:
    with pytest.raises(BadSettings, match=re.escape(why)):
        with_plugins(PLATFORMS, [EntryPoint(name, value, GROUP)])

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
from services.ingest.domain.receipt import Delivery, Keys, Native, Refused
from services.ingest.platforms.table import PLATFORMS
from services.ingest.plugins import GROUP, Sheltered, with_plugins
from stream.settings import BadSettings
from tests.unit.ingest.deliveries import NOW
from tests.unit.ingest.platforms.cases import seen_by

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


class Raising:
    """A platform of somebody else that raises whatever it is asked, with the text in its words."""

    taken = None

    def verify(self, delivery: Delivery, *_: object) -> bool:
        raise KeyError(delivery.body)

    def handshake(self, delivery: Delivery, *_: object) -> None:
        raise KeyError(delivery.body)

    def split(self, delivery: Delivery) -> tuple[Native, ...]:
        raise KeyError(delivery.body)

    def normalize(self, native: Native, *_: object) -> Refused:
        raise KeyError(native.raw)


def test_what_another_packages_platform_raises_is_a_refusal_without_its_words() -> None:
    sheltered = Sheltered(Raising(), "otklik_forum")
    delivery = Delivery(headers={}, query={}, body="тайна".encode())

    (native,) = sheltered.split(delivery)
    found = sheltered.normalize(native, seen_by("forum"))

    assert not sheltered.verify(delivery, Keys(), NOW)
    assert sheltered.handshake(delivery, Keys()) is None
    assert native.refused is not None
    assert isinstance(found, Refused)
    for refused in (native.refused, found):
        assert "otklik_forum to raise nothing, got KeyError at test_add" in refused.detail
        assert "тайна" not in refused.detail


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

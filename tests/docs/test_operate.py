"""docs/operate.md, docs/look-after.md: no command that nothing runs, no image or field too many.

The commands themselves are run by tests/integration/test_operate.py.
"""

import logging
import re
import sys
from pathlib import Path

import msgspec
import pytest
import yaml

from stream import log
from stream.trace import serving
from tests.told_commands import KINDS, blocks, blocks_of
from tests.traced import traced

PAGE = Path("docs/operate.md").read_text(encoding="utf-8")
CHART = yaml.safe_load(Path("deploy/helm/otklik/values.yaml").read_text(encoding="utf-8"))
COMPOSE = yaml.safe_load(Path("deploy/compose.yaml").read_text(encoding="utf-8"))["services"]


def section(title: str) -> str:
    """What stands below a heading, to the next one."""
    return re.split(r"^## ", PAGE.split(f"\n## {title}\n")[1], flags=re.M)[0]


def named(cells: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cells)


def first_cells(title: str) -> list[str]:
    rows = re.findall(r"^\| (`[^|]*) \|", section(title), flags=re.M)
    return [name for row in rows for name in named(row)]


def test_every_block_is_of_a_kind_that_is_run() -> None:
    assert {one.kind for one in blocks(*KINDS)} == set(KINDS)


@pytest.mark.parametrize(
    "page",
    [
        "```bash\nhelm uninstall otklik\n```\n",
        "```bash later\nhelm uninstall otklik\n```\n",
        "```sh running\nhelm uninstall otklik\n```\n",
        "So:\n\n    helm uninstall otklik\n",
    ],
)
def test_a_command_that_nothing_runs_is_refused(page: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        blocks_of("page.md", page)


def test_the_images_are_those_that_chart_and_compose_name() -> None:
    own = CHART["image"]["repository"]
    images = {one["image"] for one in COMPOSE.values()}
    others = {one for one in images if one.partition(":")[0] != own}

    rows = dict(re.findall(r"^\| `([^`]+)` \| ([^|]+) \|$", section("Without the internet"), re.M))

    assert rows == {own: "chart, Compose", **dict.fromkeys(others, "Compose")}
    assert len(others) < len(images), "Compose runs the same image"


def test_the_fields_of_a_log_line_are_those_of_the_table() -> None:
    shown = first_cells("Log fields")
    record = logging.makeLogRecord({**dict.fromkeys(shown, "x"), "text": "Украли карту", "msg": ""})
    try:
        msgspec.json.decode(b"Anna")
    except msgspec.DecodeError:
        record.exc_info = sys.exc_info()

    with traced(), serving("POST", "/", None):
        line = msgspec.json.decode(log.JsonLines("route").format(record))

    assert sorted(line) == sorted(shown)
    assert len(set(shown)) == len(shown)
    assert set(log._ALLOWED) < set(shown)  # noqa: SLF001 - what may be written is nowhere else

"""The docs say what the code is: a name that the code no longer has fails here."""

import re
from importlib import import_module, util
from pathlib import Path

import pytest

from docs import data_map, generate
from schemas.dead_letters import Reason
from schemas.topics import SERVICES

DOCS = Path("docs")
NAMED = re.compile(r"`((?:services|stream|schemas|worktime)[\w.]*)(?::(\w+))?`")
PAGES = [*DOCS.glob("*.md"), *DOCS.glob("decisions/*.md"), *Path().glob("*.md")]


def test_every_function_in_the_life_of_a_post_exists() -> None:
    text = (DOCS / "life-of-a-post.md").read_text(encoding="utf-8")

    named = NAMED.findall(text)

    assert len(named) > 20
    for module, name in named:
        assert util.find_spec(module), module
        if name:
            assert hasattr(import_module(module), name), f"{module}:{name}"


def test_every_reason_has_a_row_and_every_row_a_reason() -> None:
    text = (DOCS / "bad-messages.md").read_text(encoding="utf-8")

    rows = set(re.findall(r"^\| `(\w+)` \|", text, flags=re.M))

    assert rows == {reason.value for reason in Reason}


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page}: {target}"


def test_generated_pages_are_fresh() -> None:
    assert generate.main(["--check"]) == 0


def test_the_data_map_names_every_field_that_travels_once_and_no_other() -> None:
    assert data_map.problems() == []


def test_every_setting_says_what_it_does() -> None:
    text = (DOCS / "configuration.md").read_text(encoding="utf-8")

    undescribed = re.findall(r"^\| `(\w+)` \|  \|", text, flags=re.M)

    assert undescribed == []


def test_every_make_target_in_the_docs_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", Path("Makefile").read_text(), flags=re.M))

    for page in PAGES:
        for target in re.findall(r"`make ([a-z-]+)", page.read_text(encoding="utf-8")):
            assert target in targets, f"{page}: make {target}"


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_a_readme_of_one_screen(service: str) -> None:
    lines = Path(f"services/{service}/README.md").read_text(encoding="utf-8").splitlines()

    assert 10 <= len(lines) <= 60


def test_no_badges_and_two_commands_on_the_first_screen() -> None:
    first = "\n".join(Path("README.md").read_text(encoding="utf-8").splitlines()[:50])

    assert "img.shields.io" not in first
    assert "make demo" in first
    assert "make test" in first


def test_every_promise_of_the_front_door_is_held_by_tests_that_are_there() -> None:
    text = (DOCS / "front-door.md").read_text(encoding="utf-8")

    rows = re.findall(r"^\| P(\d+) \|.*\|(.*)\|$", text, flags=re.M)

    assert [int(number) for number, _ in rows] == list(range(1, 16))
    for _, tests in rows:
        names = re.findall(r"`([\w/.]+)::(test_\w+)`", tests)
        assert len(names) == tests.count("`") / 2 > 0
        for file, name in names:
            assert f"def {name}(" in Path(file).read_text(encoding="utf-8"), f"{file}::{name}"

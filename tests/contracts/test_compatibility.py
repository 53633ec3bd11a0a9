"""Only additive changes pass; what breaks an old or a new reader is named with its place.

The inputs that break the easy version: a field with a default, added to a struct that forbids
unknown fields, which the old reader refuses; null that is newly allowed; a struct that refers to
itself.
"""

import json
import subprocess
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import pytest

from schemas import compatibility
from schemas.compatibility import breaking, committed
from schemas.event import Instant
from schemas.generate import FOLDER, files, schema_of
from schemas.topics import EVENTS

Fields = tuple[Any, ...]


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """Two versions of a struct, a value of each, and what is said of the change."""

    old: type[Any]
    new: type[Any]
    written: tuple[Mapping[str, Any], Mapping[str, Any]] = ({}, {})
    said: tuple[str, ...] = ()


def told(*fields: Fields, closed: bool = False) -> type[Any]:
    """An event of these tests with an id and further fields."""
    return msgspec.defstruct(
        "Told",
        [("id", str), *fields],
        frozen=True,
        kw_only=True,
        tag_field="type",
        tag=True,
        forbid_unknown_fields=closed,
    )


class Small(StrEnum):
    a = "a"


class Large(StrEnum):
    a = "a"
    b = "b"


class Tree(msgspec.Struct, frozen=True):
    """It refers to itself."""

    name: str
    under: "Tree | None" = None


class TreeWithSize(msgspec.Struct, frozen=True):
    name: str
    under: "TreeWithSize | None" = None
    size: int = 0


class TreeWithoutName(msgspec.Struct, frozen=True):
    under: "TreeWithoutName | None" = None


Short = Annotated[str, msgspec.Meta(max_length=3)]
Natural = Annotated[int, msgspec.Meta(ge=1)]

ADDITIVE = {
    "nothing": Pair(old=told(), new=told()),
    "an optional field": Pair(
        old=told(), new=told(("n", int | None, None)), written=({}, {"n": 5})
    ),
    "a field with a default": Pair(old=told(), new=told(("n", int, 1)), written=({}, {"n": 5})),
    "a list with a default": Pair(
        old=told(), new=told(("n", tuple[str, ...], ())), written=({}, {"n": ["x"]})
    ),
    "unknown fields allowed": Pair(old=told(closed=True), new=told()),
    "a field inside a recursive struct": Pair(
        old=told(("tree", Tree)),
        new=told(("tree", TreeWithSize)),
        written=(
            {"tree": {"name": "x", "under": {"name": "y"}}},
            {"tree": {"name": "x", "size": 2, "under": {"name": "y", "size": 1}}},
        ),
    ),
}

REFUSED = {
    "a field removed": Pair(
        old=told(("n", int)), new=told(), written=({"n": 1}, {}), said=(".n: field removed",)
    ),
    "a field renamed": Pair(
        old=told(("n", int)),
        new=told(("m", int)),
        written=({"n": 1}, {"m": 1}),
        said=(".n: field removed", ".m: new field is required, it needs a default"),
    ),
    "a required field": Pair(
        old=told(),
        new=told(("n", int)),
        written=({}, {"n": 1}),
        said=(".n: new field is required, it needs a default",),
    ),
    "a field where unknown ones are forbidden": Pair(
        old=told(closed=True),
        new=told(("n", int, 0), closed=True),
        written=({}, {"n": 1}),
        said=(".n: field added where old readers forbid unknown fields",),
    ),
    "a field became required": Pair(
        old=told(("n", int, 0)),
        new=told(("n", int)),
        written=({}, {"n": 1}),
        said=(".n: became required",),
    ),
    "a field is no longer required": Pair(
        old=told(("n", int)),
        new=told(("n", int, 0)),
        written=({"n": 1}, {}),
        said=(".n: no longer required",),
    ),
    "null no longer allowed": Pair(
        old=told(("n", int | None)),
        new=told(("n", int)),
        written=({"n": None}, {"n": 1}),
        said=(".n: null no longer allowed",),
    ),
    "null newly allowed": Pair(
        old=told(("n", int)),
        new=told(("n", int | None)),
        written=({"n": 1}, {"n": None}),
        said=(".n: null newly allowed, old readers refuse it",),
    ),
    "a type narrowed": Pair(
        old=told(("n", int | str)),
        new=told(("n", int)),
        written=({"n": "x"}, {"n": 1}),
        said=(".n: type narrowed, no longer string",),
    ),
    "a type widened": Pair(
        old=told(("n", int)),
        new=told(("n", int | str)),
        written=({"n": 1}, {"n": "x"}),
        said=(".n: type widened to string, old readers refuse it",),
    ),
    "another type": Pair(
        old=told(("n", float)),
        new=told(("n", int)),
        written=({"n": 1.5}, {"n": 1}),
        said=(".n: type changed from number to integer",),
    ),
    "text that became an instant": Pair(
        old=told(("at", str)),
        new=told(("at", Instant)),
        written=({"at": "soon"}, {"at": "2026-03-02T10:00:00Z"}),
        said=(".at: format changed from None to date-time",),
    ),
    "items of another type": Pair(
        old=told(("n", tuple[int, ...])),
        new=told(("n", tuple[str, ...])),
        written=({"n": [1]}, {"n": ["x"]}),
        said=(".n[]: type changed from integer to string",),
    ),
    "values of a map": Pair(
        old=told(("n", dict[str, int])),
        new=told(("n", dict[str, str])),
        written=({"n": {"a": 1}}, {"n": {"a": "x"}}),
        said=(".n{}: type changed from integer to string",),
    ),
    "one place of a tuple": Pair(
        old=told(("n", tuple[int, int])),
        new=told(("n", tuple[int, str])),
        written=({"n": [1, 2]}, {"n": [1, "x"]}),
        said=(".n[1]: type changed from integer to string",),
    ),
    "a list that became a pair": Pair(
        old=told(("n", tuple[int, ...])),
        new=told(("n", tuple[int, int])),
        written=({"n": [1]}, {"n": [1, 2]}),
        said=(
            ".n: bound tightened: minItems None to 2",
            ".n: bound tightened: maxItems None to 2",
            ".n: items forbidden",
        ),
    ),
    "a closed list lost a word": Pair(
        old=told(("n", Large)),
        new=told(("n", Small)),
        written=({"n": "b"}, {"n": "a"}),
        said=(".n: word removed: b",),
    ),
    "a closed list got a word": Pair(
        old=told(("n", Literal["a"])),
        new=told(("n", Literal["a", "b"])),
        written=({"n": "a"}, {"n": "b"}),
        said=(".n: word added to a closed list: b",),
    ),
    "an upper bound tightened": Pair(
        old=told(("n", str)),
        new=told(("n", Short)),
        written=({"n": "long"}, {"n": "x"}),
        said=(".n: bound tightened: maxLength None to 3",),
    ),
    "a lower bound loosened": Pair(
        old=told(("n", Natural)),
        new=told(("n", int)),
        written=({"n": 1}, {"n": 0}),
        said=(".n: bound loosened, old readers refuse more: minimum 1 to None",),
    ),
    "a lower bound tightened": Pair(
        old=told(("n", Natural)),
        new=told(("n", Annotated[int, msgspec.Meta(ge=2)])),
        written=({"n": 1}, {"n": 2}),
        said=(".n: bound tightened: minimum 1 to 2",),
    ),
    "an upper bound loosened": Pair(
        old=told(("n", Short)),
        new=told(("n", Annotated[str, msgspec.Meta(max_length=4)])),
        written=({"n": "x"}, {"n": "long"}),
        said=(".n: bound loosened, old readers refuse more: maxLength 3 to 4",),
    ),
    "unknown fields forbidden": Pair(
        old=told(("n", int, 0)),
        new=told(closed=True),
        written=({"n": 1}, {}),
        said=(": additionalProperties forbidden", ".n: field removed"),
    ),
    "a field inside a recursive struct": Pair(
        old=told(("tree", Tree)),
        new=told(("tree", TreeWithoutName)),
        written=({"tree": {"name": "x", "under": {"name": "y"}}}, {"tree": {"under": None}}),
        said=(".tree.name: field removed",),
    ),
}

UNSEEN_BY_DECODING = {
    "a default changed": Pair(
        old=told(("n", int, 0)), new=told(("n", int, 1)), said=(".n: default changed from 0 to 1",)
    ),
}


def body(written: Mapping[str, Any]) -> bytes:
    return json.dumps({"type": "Told", "id": "1", **written}).encode()


def decodes(kind: type[Any], written: Mapping[str, Any]) -> bool:
    try:
        msgspec.json.decode(body(written), type=kind)
    except msgspec.ValidationError:
        return False
    return True


def changes(pair: Pair) -> set[str]:
    return set(breaking(msgspec.json.schema(pair.old), msgspec.json.schema(pair.new)))


@pytest.mark.parametrize("pair", ADDITIVE.values(), ids=ADDITIVE)
def test_additive_changes_pass_and_both_readers_decode_both_writers(pair: Pair) -> None:
    assert changes(pair) == set()
    for kind in (pair.old, pair.new):
        assert all(decodes(kind, written) for written in pair.written)


@pytest.mark.parametrize("name", REFUSED | UNSEEN_BY_DECODING)
def test_a_breaking_change_is_named_with_its_place(name: str) -> None:
    pair = (REFUSED | UNSEEN_BY_DECODING)[name]

    assert changes(pair) == set(pair.said)


@pytest.mark.parametrize("name", REFUSED)
def test_each_breaking_change_is_one_that_a_reader_trips_over_or_loses_by(name: str) -> None:
    pair = REFUSED[name]
    old, new = pair.written

    assert decodes(pair.old, old)
    assert decodes(pair.new, new)
    assert not (decodes(pair.new, old) and decodes(pair.old, new))


def word_list(keyword: str, *words: str) -> dict[str, Any]:
    one = {"title": "Tone", keyword: list(words)}
    return {"type": "string", **one} if keyword == "examples" else one


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (word_list("examples", "a"), word_list("examples", "a", "b"), ()),
        (word_list("examples", "a", "b"), word_list("examples", "a"), (": word removed: b",)),
        (
            word_list("examples", "a"),
            word_list("enum", "a"),
            (": type changed from string to enum",),
        ),
        ({"type": "string"}, word_list("examples", "a"), (": became a vocabulary",)),
        (word_list("examples", "a"), {"type": "string"}, (": no vocabulary any more",)),
    ],
)
def test_a_vocabulary_may_grow_and_do_nothing_else(
    old: dict[str, Any], new: dict[str, Any], said: tuple[str, ...]
) -> None:
    assert breaking(old, new) == said


def test_a_definition_may_get_another_name() -> None:
    old, new = ({"$ref": f"#/$defs/{n}", "$defs": {n: {"type": "integer"}}} for n in ("A", "B"))

    assert breaking(old, new) == ()


@pytest.mark.parametrize("name", EVENTS)
def test_every_event_is_compatible_with_itself_and_not_without_a_field(name: str) -> None:
    old = schema_of(EVENTS[name])
    new = json.loads(json.dumps(old))
    del new["$defs"][name]["properties"]["occurred_at"]

    assert breaking(old, old) == ()
    assert ".occurred_at: field removed" in breaking(old, new)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A git repository whose one commit holds the schemas as the structs give them."""
    folder = tmp_path / "schemas" / "json"
    folder.mkdir(parents=True)
    for path, text in files().items():
        if path.parent == FOLDER:
            (folder / path.name).write_text(text)
    commit(folder)
    return folder


def commit(folder: Path) -> None:
    who = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
    for words in (("init", "-q"), ("add", "."), (*who, "commit", "-q", "-m", "schemas")):
        subprocess.run(["git", *words], cwd=folder, check=True)


def test_the_command_passes_where_nothing_broke(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert compatibility.main([], repository) == 0
    assert capsys.readouterr().out == ""
    assert committed("HEAD", repository).keys() == {f"{name}.json" for name in EVENTS}


def test_the_command_names_each_change_on_a_line(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = repository / "AlertChanged.json"
    schema = json.loads(path.read_text())
    schema["$defs"]["AlertChanged"]["properties"]["pager"] = {"type": "string"}
    schema["$defs"]["AlertChanged"]["properties"]["count"] = {"type": "string"}
    path.write_text(json.dumps(schema))
    (repository / "Gone.json").write_text("{}")
    commit(repository)

    assert compatibility.main(["--base", "HEAD"], repository) == 1
    assert capsys.readouterr().out.splitlines() == [
        "AlertChanged.pager: field removed",
        "AlertChanged.count: type changed from string to integer",
        "Gone: event removed",
    ]
    assert compatibility.main(["--base", "HEAD~1"], repository) == 0


@pytest.mark.parametrize("words", [["--base"], ["--base", "no-such-revision"], ["HEAD"]])
def test_bad_usage_is_two_and_one_line(
    words: list[str], repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert compatibility.main(words, repository) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1

"""What do other languages read? JSON Schema 2020-12 of every event and AsyncAPI 3, or a check.

``python -m schemas.generate`` writes schemas/json and schemas/asyncapi.json; ``--check`` exits 1
where one is stale.
"""

import sys
from inspect import cleandoc
from pathlib import Path
from typing import Any

import msgspec

from schemas.asyncapi import document
from schemas.event import Event
from schemas.topics import EVENTS
from schemas.vocabulary import Vocabulary

FOLDER = Path(__file__).parent / "json"
ASYNCAPI = FOLDER.parent / "asyncapi.json"
_OPEN = {kind.__name__ for kind in Vocabulary.__subclasses__()}


def schema_of(kind: type[Event]) -> dict[str, Any]:
    """The schema of one event; an open vocabulary is a string with the known words listed."""
    (root,), components = msgspec.json.schema_components([kind], ref_template="#/$defs/{name}")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"otklik:schemas/{kind.__name__}",
        **root,
        "$defs": {name: _opened(name, one) for name, one in sorted(components.items())},
    }


def files() -> dict[Path, str]:
    """Every generated file with its text."""
    schemas = {FOLDER / f"{name}.json": schema_of(kind) for name, kind in EVENTS.items()}
    return {path: _text(one) for path, one in {**schemas, ASYNCAPI: document()}.items()}


def main(arguments: list[str]) -> int:
    """Write the files, or check that they are fresh."""
    wanted = files()
    if arguments == ["--check"]:
        stale = [p for p, text in wanted.items() if not p.exists() or p.read_text() != text]
        extra = sorted(set(FOLDER.glob("*.json")) - wanted.keys())
        for path in (*stale, *extra):
            where = path.relative_to(FOLDER.parent)
            sys.stderr.write(f"stale: schemas/{where}; run `make schemas`\n")
        return int(bool(stale or extra))
    FOLDER.mkdir(exist_ok=True)
    for path, text in wanted.items():
        path.write_text(text)
    return 0


def _text(schema: dict[str, Any]) -> str:
    return msgspec.json.format(msgspec.json.encode(_tidy(schema)), indent=1).decode() + "\n"


def _tidy(value: Any) -> Any:
    """The same text on every Python: 3.13 strips what older ones leave of a docstring's indent."""
    if isinstance(value, list):
        return [_tidy(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        name: cleandoc(one) if name == "description" and isinstance(one, str) else _tidy(one)
        for name, one in value.items()
    }


def _opened(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    if name not in _OPEN:
        return schema
    words = schema["enum"]
    return {
        "title": name,
        "description": schema["description"],
        "type": "string",
        "examples": words,
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

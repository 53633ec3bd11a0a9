"""May readers and writers of two versions meet? Names every change that breaks one of them.

``python -m schemas.compatibility [--base REV]`` compares schemas/json in a git revision (HEAD, so
what was committed last) with what the structs give now; exit 1 with one line per breaking change.
Both directions count: a new reader meets the records of the last days, an old reader meets a new
writer while a release rolls out.
"""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from schemas.generate import FOLDER, files

Schema = Mapping[str, Any]

LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems")
UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")
"""Keywords that bound a value, from below and from above."""

_WALKED = {"$ref", "$defs", "type", "anyOf", "properties", "required", "additionalProperties"}
_WALKED |= {"enum", "examples", "items", "prefixItems", "default", *LOWER, *UPPER}
_SAYS_NOTHING = {"$schema", "$id", "title", "description", "discriminator"}
_NULL = "null"


class Versions(msgspec.Struct, frozen=True):
    """The definitions of both versions, and the pairs that are compared already."""

    old: Schema
    new: Schema
    met: set[tuple[int, int]]


def breaking(old: Schema, new: Schema) -> tuple[str, ...]:
    """Every change that breaks a reader, each with its place; empty where all is additive."""
    versions = Versions(old.get("$defs", {}), new.get("$defs", {}), set())
    return tuple(_compare("", old, new, versions))


def main(arguments: list[str], folder: Path = FOLDER) -> int:
    """Compare with a revision: 0 compatible, 1 something breaks, 2 bad usage or no such base."""
    if arguments and (len(arguments) != 2 or arguments[0] != "--base"):
        sys.stderr.write("usage: python -m schemas.compatibility [--base REV]\n")
        return 2
    base = arguments[1] if arguments else "HEAD"
    try:
        before = committed(base, folder)
    except subprocess.CalledProcessError as error:
        sys.stderr.write(f"no base {base}: {error.stderr.strip()}\n")
        return 2
    now = {path.name: text for path, text in files().items() if path.parent == FOLDER}
    changes = list(_changes(before, now))
    sys.stdout.writelines(f"{change}\n" for change in changes)
    return int(bool(changes))


def committed(base: str, folder: Path) -> dict[str, str]:
    """The schema files of a git revision by their names."""
    names = _git(folder, "ls-tree", "--name-only", base, ".").split("\n")
    return {
        name: _git(folder, "show", f"{base}:./{name}") for name in names if name.endswith(".json")
    }


def _changes(before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    for name, text in before.items():
        event = name.removesuffix(".json")
        if name not in now:
            yield f"{event}: event removed"
            continue
        for change in breaking(msgspec.json.decode(text), msgspec.json.decode(now[name])):
            yield f"{event}{change}"


def _git(folder: Path, *words: str) -> str:
    done = subprocess.run(  # noqa: S603 - fixed words and a revision that git itself checks
        ["git", *words],  # noqa: S607 - the developer's own git
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def _compare(at: str, old: Schema, new: Schema, versions: Versions) -> Iterator[str]:
    """Two places that hold the same field; what a default is may not change either."""
    if "default" in old and "default" in new and old["default"] != new["default"]:
        was, now = (msgspec.json.encode(one["default"]).decode() for one in (old, new))
        yield f"{at}: default changed from {was} to {now}"
    olds, news = _kinds(old, versions.old), _kinds(new, versions.new)
    yield from _kinds_changed(at, olds, news)
    for kind in olds.keys() & news.keys():
        yield from _compare_kind(at, olds[kind], news[kind], versions)


def _kinds(schema: Schema, defs: Schema) -> dict[str, Schema]:
    """What a value may be, by name: its JSON type, for a tagged object its tag too."""
    if "$ref" in schema:
        return _kinds(defs[schema["$ref"].removeprefix("#/$defs/")], defs)
    if "anyOf" in schema:
        return {kind: one for each in schema["anyOf"] for kind, one in _kinds(each, defs).items()}
    kind = schema.get("type", "enum" if "enum" in schema else "any")
    tag = schema.get("properties", {}).get("type", {}).get("enum", ())
    return {f"{kind} {tag[0]}" if len(tag) == 1 else kind: schema}


def _kinds_changed(at: str, old: Mapping[str, Schema], new: Mapping[str, Schema]) -> Iterator[str]:
    gone, come = sorted(old.keys() - new.keys()), sorted(new.keys() - old.keys())
    if _NULL in gone:
        yield f"{at}: null no longer allowed"
    if _NULL in come:
        yield f"{at}: null newly allowed, old readers refuse it"
    gone, come = [k for k in gone if k != _NULL], [k for k in come if k != _NULL]
    if gone and come:
        yield f"{at}: type changed from {' or '.join(gone)} to {' or '.join(come)}"
    elif gone:
        yield f"{at}: type narrowed, no longer {' or '.join(gone)}"
    elif come:
        yield f"{at}: type widened to {' or '.join(come)}, old readers refuse it"


def _compare_kind(at: str, old: Schema, new: Schema, versions: Versions) -> Iterator[str]:
    if (id(old), id(new)) in versions.met:
        return
    versions.met.add((id(old), id(new)))
    yield from _words(at, old, new)
    yield from _bounds(at, old, new)
    yield from _fields(at, old, new, versions)
    yield from _parts(at, old, new, versions)
    for keyword in sorted((old.keys() | new.keys()) - _WALKED - _SAYS_NOTHING):
        if old.get(keyword) != new.get(keyword):
            yield f"{at}: {keyword} changed from {old.get(keyword)} to {new.get(keyword)}"


def _words(at: str, old: Schema, new: Schema) -> Iterator[str]:
    """An open vocabulary lists its words as examples and may grow; a closed one is an enum."""
    if ("examples" in old) != ("examples" in new):
        yield f"{at}: " + ("became a vocabulary" if "examples" in new else "no vocabulary any more")
        return
    for keyword, is_closed in (("enum", True), ("examples", False)):
        was, now = set(old.get(keyword, ())), set(new.get(keyword, ()))
        yield from (f"{at}: word removed: {word}" for word in sorted(was - now, key=str))
        if is_closed:
            added = sorted(now - was, key=str)
            yield from (f"{at}: word added to a closed list: {word}" for word in added)


def _bounds(at: str, old: Schema, new: Schema) -> Iterator[str]:
    for keyword in (*LOWER, *UPPER):
        was, now = old.get(keyword), new.get(keyword)
        if was == now:
            continue
        tightened = was is None or (now is not None and (now > was) == (keyword in LOWER))
        how = "tightened" if tightened else "loosened, old readers refuse more"
        yield f"{at}: bound {how}: {keyword} {was} to {now}"


def _fields(at: str, old: Schema, new: Schema, versions: Versions) -> Iterator[str]:
    was, now = old.get("properties", {}), new.get("properties", {})
    musts, must = set(old.get("required", ())), set(new.get("required", ()))
    for name in sorted(was.keys() - now.keys()):
        yield f"{at}.{name}: field removed"
    for name in sorted(now.keys() - was.keys()):
        if name in must:
            yield f"{at}.{name}: new field is required, it needs a default"
        elif old.get("additionalProperties") is False:
            yield f"{at}.{name}: field added where old readers forbid unknown fields"
    for name in sorted(was.keys() & now.keys()):
        if (name in musts) != (name in must):
            yield f"{at}.{name}: " + ("became required" if name in must else "no longer required")
        yield from _compare(f"{at}.{name}", was[name], now[name], versions)


def _parts(at: str, old: Schema, new: Schema, versions: Versions) -> Iterator[str]:
    """Items of arrays and values of maps; ``false`` closes either, absent leaves it open."""
    for n, (was, now) in enumerate(
        zip(old.get("prefixItems", ()), new.get("prefixItems", ()), strict=False)
    ):
        yield from _compare(f"{at}[{n}]", was, now, versions)
    for keyword, where in (("items", "[]"), ("additionalProperties", "{}")):
        was, now = old.get(keyword, True), new.get(keyword, True)
        if isinstance(was, dict) and isinstance(now, dict):
            yield from _compare(f"{at}{where}", was, now, versions)
        elif now is False and was is not False:
            yield f"{at}: {keyword} forbidden"
        elif isinstance(was, dict) or isinstance(now, dict):
            yield f"{at}: {keyword} changed its type"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Which platforms are installed? Ours, and those that other packages announce.

A package adds one by an entry point of the group ``otklik.platforms``: its name is the source's,
its value the module with the four functions (docs/add-a-platform.md).
"""

from collections.abc import Iterable, Mapping
from importlib.metadata import EntryPoint, entry_points

from services.ingest.platforms.table import PLATFORMS, Platform
from stream.settings import BadSettings

GROUP = "otklik.platforms"
_NEEDED = ("normalize", "split", "handshake", "verify", "taken")


def platforms() -> Mapping[str, Platform]:
    """Every platform by its source; raises ``BadSettings`` where a package's is not one."""
    return with_plugins(PLATFORMS, entry_points(group=GROUP))


def with_plugins(
    ours: Mapping[str, Platform], announced: Iterable[EntryPoint]
) -> Mapping[str, Platform]:
    """Our platforms and those that are announced; nobody replaces one that is there."""
    found = dict(ours)
    for point in announced:
        if point.name in found:
            raise BadSettings(f"{GROUP}: expected a source of its own, `{point.name}` is there")
        found[point.name] = _loaded(point)
    return found


def _loaded(point: EntryPoint) -> Platform:
    try:
        module: Platform = point.load()
    except (ImportError, AttributeError) as error:
        raise BadSettings(f"{GROUP}: expected the module {point.value}: {error}") from error
    missing = [name for name in _NEEDED if not hasattr(module, name)]
    if missing:
        raise BadSettings(f"{GROUP}: {point.value} lacks {', '.join(missing)}")
    return module

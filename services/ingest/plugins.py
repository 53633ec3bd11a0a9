"""Which platforms are installed? Ours, and those that other packages announce.

A package adds one by an entry point of the group ``otklik.platforms``: its name is the source's,
its value the module with the four functions (docs/add-a-platform.md).
"""

import logging
import traceback
from collections.abc import Iterable, Mapping
from datetime import datetime
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from schemas.dead_letters import Reason
from schemas.posts import SocialPost
from services.ingest.domain.receipt import Answer, Delivery, Ignored, Keys, Native, Refused, Seen
from services.ingest.platforms.table import PLATFORMS, Platform
from stream.settings import BadSettings

LOG = logging.getLogger(__name__)

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
    return Sheltered(module, point.value)


class Sheltered:
    """Another package's platform: what it raises is a dead letter and no 500 (P3)."""

    def __init__(self, platform: Platform, name: str) -> None:
        self._platform, self._name = platform, name
        self.taken = platform.taken

    def verify(self, delivery: Delivery, keys: Keys, now: datetime) -> bool:
        """What it cannot check is not authentic."""
        try:
            return self._platform.verify(delivery, keys, now)
        except Exception as error:  # noqa: BLE001 - not our code
            self._blame(error)
            return False

    def handshake(self, delivery: Delivery, keys: Keys) -> Answer | None:
        """What it cannot read is no question."""
        try:
            return self._platform.handshake(delivery, keys)
        except Exception as error:  # noqa: BLE001 - not our code
            self._blame(error)
            return None

    def split(self, delivery: Delivery) -> tuple[Native, ...]:
        """What it cannot split is one event that is refused."""
        try:
            return self._platform.split(delivery)
        except Exception as error:  # noqa: BLE001 - not our code
            return (Native(raw=delivery.body, refused=self._blame(error)),)

    def normalize(self, native: Native, seen: Seen) -> SocialPost | Ignored | Refused:
        """What it cannot understand is refused."""
        try:
            return self._platform.normalize(native, seen)
        except Exception as error:  # noqa: BLE001 - not our code
            return self._blame(error)

    def _blame(self, error: Exception) -> Refused:
        """By file and line, without a word of the error's own: it may quote the post."""
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(place.filename).name}:{place.lineno}"
        detail = f"expected {self._name} to raise nothing, got {type(error).__name__} at {where}"
        LOG.warning("a platform raised: %s", detail)
        return Refused(reason=Reason.wrong_shape, detail=detail)

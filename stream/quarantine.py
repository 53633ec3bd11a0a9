"""Which records has an operator set aside by hand? A hot file of topic, partition and offset."""

from pathlib import Path

import msgspec
import yaml

from stream.flow import Received
from stream.settings import BadSettings


class Place(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One record; ``topic`` as the table names it, without the installation's prefix."""

    topic: str
    partition: int
    offset: int


class Quarantine:
    """Records that become dead letters undecoded; the file is read again when it changes."""

    def __init__(self, file: str = "") -> None:
        self._file = Path(file) if file else None
        self._read_at = 0
        self._places: frozenset[Place] = frozenset()
        self.refresh()

    def __contains__(self, received: Received) -> bool:
        if not self._places:
            return False
        place = Place(topic=received.topic, partition=received.partition, offset=received.offset)
        return place in self._places

    def refresh(self) -> bool:
        """Read the file if it has changed; True where its content did. Raises ``BadSettings``."""
        changed_at = self._file.stat().st_mtime_ns if self._file and self._file.exists() else 0
        if self._file is None or changed_at == self._read_at:
            return False
        self._read_at = changed_at
        before, self._places = self._places, _read(self._file) if changed_at else frozenset()
        return before != self._places


def _read(file: Path) -> frozenset[Place]:
    try:
        places = yaml.safe_load(file.read_text("utf-8")) or []
        return frozenset(msgspec.convert(places, list[Place]))
    except (yaml.YAMLError, msgspec.ValidationError, UnicodeDecodeError) as error:
        expected = "expected a list of topic, partition, offset"
        raise BadSettings(f"{file}: {expected}: {error}") from error

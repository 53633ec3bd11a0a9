"""Where does a delivery wait that the broker did not ack? On the disk, before the answer (P10).

A record is its length, a CRC and its time before its bytes. What a crash has torn off at the end
was never answered for, and is cut.
"""

import fcntl
import logging
import os
import struct
from collections.abc import Callable
from pathlib import Path
from zlib import crc32

LOG = logging.getLogger(__name__)

CAP_BYTES = 256 * 1_048_576
"""The largest file; it is emptied once all of it has been drained."""

OLDEST_SECONDS = 86_400.0
"""How old the first record may be; then nothing more is taken."""

_HEAD = struct.Struct(">IId")


class Spool:
    """First in, first out, for one process; times are real, in Unix seconds."""

    def __init__(
        self, file: Path, *, cap: int = CAP_BYTES, sync: Callable[[int], None] = os.fsync
    ) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._cap, self._sync = cap, sync
        self._opened = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
        _held(self._opened, file)
        _sync(file.parent)
        self._start = self._end = 0
        while record := self._record(self._end):
            self._end += _HEAD.size + len(record[1])
        self._cut()

    @property
    def size(self) -> int:
        """How many bytes are waiting."""
        return self._end - self._start

    def append(self, payload: bytes, at: float) -> bool:
        """Put it behind the others; True once it is on the disk, False where it is full."""
        first = self._record(self._start)
        if first and at - first[0] > OLDEST_SECONDS:
            return False
        data = _HEAD.pack(len(payload), _crc(payload, at), at) + payload
        if self._end + len(data) > self._cap:
            return False
        try:
            written = os.pwrite(self._opened, data, self._end)
            self._sync(self._opened)
        except OSError as error:
            LOG.warning("spool not written", extra={"error": type(error).__name__})
            written = 0
        if written < len(data):
            self._cut()
            return False
        self._end += len(data)
        return True

    def first(self) -> bytes | None:
        """What has waited the longest, or None."""
        found = self._record(self._start) if self.size else None
        return found[1] if found else None

    def drop(self) -> None:
        """Forget the first; what was drained before a crash is drained again, by the same ids."""
        found = self._record(self._start)
        if found:
            self._start += _HEAD.size + len(found[1])
        if self._start >= self._end:
            self._start = self._end = 0
            self._cut()

    def close(self) -> None:
        """Leave it to the next process."""
        os.close(self._opened)

    def _record(self, offset: int) -> tuple[float, bytes] | None:
        head = os.pread(self._opened, _HEAD.size, offset)
        if len(head) < _HEAD.size:
            return None
        length, crc, at = _HEAD.unpack(head)
        if length > self._cap:
            return None
        payload = os.pread(self._opened, length, offset + _HEAD.size)
        return (at, payload) if len(payload) == length and _crc(payload, at) == crc else None

    def _cut(self) -> None:
        """What lies behind the last whole record was never answered for."""
        torn = os.fstat(self._opened).st_size - self._end
        if torn > 0 and self._end:
            LOG.warning("spool cut", extra={"count": torn})
        os.ftruncate(self._opened, self._end)


def _crc(payload: bytes, at: float) -> int:
    return crc32(payload, crc32(struct.pack(">d", at)))


def _held(opened: int, file: Path) -> None:
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(opened)
        raise BlockingIOError(f"expected to be the only process on {file}") from error


def _sync(folder: Path) -> None:
    """A new file's name has to survive a crash as well."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)

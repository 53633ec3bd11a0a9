"""What the spool has taken survives a crash; what a crash has torn off was never taken.

The inputs that break the easy version: a process killed in the middle of writing, a last record cut
or damaged at any byte, a disk that is full.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from services.ingest.spool import OLDEST_SECONDS, Spool

AT = 1_796_000_000.0
WRITER = """
import sys
from pathlib import Path
from services.ingest.spool import Spool
spool, number = Spool(Path(sys.argv[1])), 0
while spool.append(f"{number} ".encode() + bytes(100_000), 1_796_000_000.0):
    print(number, flush=True)
    number += 1
"""


def drained(file: Path) -> list[bytes]:
    """All that waits, in order, as the next process finds it."""
    spool, found = Spool(file), []
    while payload := spool.first():
        found.append(payload)
        spool.drop()
    spool.close()
    return found


def written(file: Path, *payloads: bytes) -> bytes:
    """The bytes of a spool that was closed by a crash."""
    spool = Spool(file)
    assert all(spool.append(one, AT) for one in payloads)
    spool.close()
    return file.read_bytes()


def test_a_killed_writer_has_lost_nothing_that_it_answered_for(tmp_path: Path) -> None:
    file = tmp_path / "spool" / "generic-bank.spool"
    child = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(file)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None

    answered = [int(child.stdout.readline()) for _ in range(50)]
    os.kill(child.pid, signal.SIGKILL)
    answered += [int(line) for line in child.stdout]
    child.stdout.close()
    child.wait()

    numbers = [int(payload.split()[0]) for payload in drained(file)]
    assert numbers == list(range(len(numbers)))
    assert len(numbers) >= len(answered)


def test_a_record_torn_at_any_byte_is_cut_and_the_next_takes_its_place(tmp_path: Path) -> None:
    file = tmp_path / "spool"
    whole = written(file, b"first", "второй".encode(), b"third")
    last = len(whole) - len(b"third") - 16

    for length in range(last, len(whole)):
        file.write_bytes(whole[:length])
        written(file, b"next")
        assert drained(file) == [b"first", "второй".encode(), b"next"]


def test_a_record_damaged_at_any_byte_is_cut(tmp_path: Path) -> None:
    file = tmp_path / "spool"
    whole = written(file, b"first", b"second")
    last = len(whole) - len(b"second") - 16

    for at in range(last, len(whole)):
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert drained(file) == [b"first"]


def test_what_is_taken_is_on_the_disk(tmp_path: Path) -> None:
    file = tmp_path / "spool"
    sizes: list[int] = []

    def synced(opened: int) -> None:
        sizes.append(os.fstat(opened).st_size)
        os.fsync(opened)

    spool = Spool(file, sync=synced)
    assert spool.append(b"first", AT)
    assert spool.append(b"second", AT)
    spool.close()

    assert sizes == [16 + 5, 16 + 5 + 16 + 6]


def test_what_the_disk_refuses_is_not_taken(tmp_path: Path) -> None:
    file = tmp_path / "spool"
    written(file, b"first")

    def full(_: int) -> None:
        raise OSError("no space left on the device")

    spool = Spool(file, sync=full)
    assert not spool.append(b"second", AT)
    spool.close()

    assert drained(file) == [b"first"]


def test_it_is_full_by_size_and_by_age(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool", cap=100)
    assert spool.append(bytes(40), AT)
    assert not spool.append(bytes(40), AT)
    assert not spool.append(b"late", AT + OLDEST_SECONDS + 1)
    assert spool.append(b"late", AT + OLDEST_SECONDS)

    while spool.first():
        spool.drop()

    assert spool.size == 0
    assert spool.append(bytes(40), AT + 2 * OLDEST_SECONDS)
    spool.close()


def test_a_drained_spool_takes_no_room(tmp_path: Path) -> None:
    file = tmp_path / "spool"
    written(file, b"first", b"second")

    assert drained(file) == [b"first", b"second"]
    assert file.stat().st_size == 0
    assert drained(file) == []


def test_only_one_process_has_it(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")

    with pytest.raises(BlockingIOError, match="expected to be the only process"):
        Spool(tmp_path / "spool")
    spool.close()


def test_nobody_else_may_read_it(tmp_path: Path) -> None:
    Spool(tmp_path / "spool").close()

    assert (tmp_path / "spool").stat().st_mode & 0o077 == 0

"""How is a file of posts read? JSON Lines or CSV, a row at a time; a bad row stops no other."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from schemas.dead_letters import Reason
from schemas.posts import SocialPost
from services.ingest.domain.receipt import Delivery, Ignored, Native, Refused, Seen
from services.ingest.domain.text import clean
from services.ingest.platforms.generic import read_post
from services.ingest.platforms.generic_post import GenericPost
from services.ingest.platforms.polled import handshake, taken, verify

__all__ = ("handshake", "normalize", "split", "taken", "verify")

CELL_CHARACTERS = 1_000_000
"""The longest cell that is still read."""

_DECODER = msgspec.json.Decoder(GenericPost, strict=False)
_LISTS = {"urls", "mentions"}


def split(delivery: Delivery) -> tuple[Native, ...]:
    """The rows of a file: JSON Lines where it begins with a brace, else CSV with a header."""
    text = read_text(delivery.body)
    rows = json_lines if text.lstrip()[:1] in {"{", "["} else csv_rows
    return tuple(rows(text))


def read_text(body: bytes) -> str:
    """UTF-8 with or without a mark, else Windows-1251, as spreadsheets save Cyrillic."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("cp1251", "replace")


def json_lines(text: str) -> Iterator[Native]:
    """A row for each line that is not blank; the first line is row 1."""
    for row, line in enumerate(text.split("\n"), 1):
        if line.strip():
            raw = line.strip().encode("utf-8", "replace")
            yield Native(raw=raw, post=raw, row=row)


def csv_rows(text: str) -> Iterator[Native]:
    """A row for each record below the header; the first record is row 1."""
    csv.field_size_limit(CELL_CHARACTERS)
    reader = csv.reader(_lines(text))
    header = [name.strip() for name in next(reader, [])]
    row = 0
    while True:
        row += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Native(raw=b"", row=row, refused=_wrong(row, f"expected a CSV record: {error}"))
            continue
        if any(cell.strip() for cell in cells):
            yield _record(header, cells, row)


def normalize(native: Native, seen: Seen) -> SocialPost | Ignored | Refused:
    """The post of a row, or why it is none, with the row's number; never raises."""
    if native.refused:
        return native.refused
    found = read_post(native, seen, _DECODER)
    if isinstance(found, Refused):
        return Refused(reason=found.reason, detail=f"row {native.row}: {found.detail}")
    return found


def _record(header: Sequence[str], cells: Sequence[str], row: int) -> Native:
    raw = msgspec.json.encode([clean(cell) for cell in cells])
    if len(cells) != len(header):
        got = f"expected {len(header)} cells as in the header, got {len(cells)}"
        return Native(raw=raw, row=row, refused=_wrong(row, got))
    named = dict(zip(header, cells, strict=True))
    post = msgspec.json.encode(_nested(named))
    return Native(raw=post, post=post, row=row)


def _nested(named: Mapping[str, str]) -> dict[str, object]:
    """A dotted column goes into an object; an empty cell says nothing."""
    nested: dict[str, object] = {}
    for name, cell in named.items():
        value = clean(cell)
        outer, _, inner = name.partition(".")
        if not value.strip():
            continue
        if outer in _LISTS:
            nested[outer] = value.split()
        elif inner:
            below = nested.setdefault(outer, {})
            if isinstance(below, dict):
                below[inner] = value
        else:
            nested[outer] = value
    return nested


def _lines(text: str) -> Iterable[str]:
    """Lines with their ends, so that a quoted line break stays one; NUL is none for csv."""
    return text.replace("\x00", "\ufffd").splitlines(keepends=True)


def _wrong(row: int, detail: str) -> Refused:
    return Refused(reason=Reason.wrong_shape, detail=f"row {row}: {detail}")

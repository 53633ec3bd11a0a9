"""A file is read row by row; a bad row is named and stops no other.

The inputs that break the easy version: a line break inside quotes, a record shorter than the
header, a file saved as Windows-1251.
"""

import pytest

from schemas.dead_letters import Reason
from schemas.posts import SocialPost
from services.ingest.domain.receipt import Ignored, Refused
from services.ingest.platforms import bulk
from tests.unit.ingest.deliveries import SEEN, posted

CSV = (
    "\ufeffid,author.id,author.followers,text,posted_at,rating,mentions\r\n"
    '1,anna,120,"Где ""заказ"",\r\nответьте",2026-03-02T12:00:00+03:00,2,lavka other\r\n'
    "\r\n"
    "2,,,=1+1,02.03.2026 10:00,,\r\n"
    "3,short\r\n"
    ",noid,,нет id,,,\r\n"
    "4,ivan,,Пратката закъснява,,,\r\n"
)


def read(body: bytes) -> list[SocialPost | Refused]:
    found = [bulk.normalize(native, SEEN) for native in bulk.split(posted(body))]
    return [one for one in found if not isinstance(one, Ignored)]


def posts(body: bytes) -> list[SocialPost]:
    return [one for one in read(body) if isinstance(one, SocialPost)]


def test_csv_rows_become_posts() -> None:
    first, last = posts(CSV.encode())

    assert first.text == 'Где "заказ",\nответьте'
    assert first.author is not None
    assert (first.author.id, first.author.followers) == ("anna", 120)
    assert (first.rating, first.mentions) == (2, ("lavka", "other"))
    assert (last.id, last.text) == ("4", "Пратката закъснява")
    assert last.author is not None
    assert last.author.followers is None


def test_bad_rows_are_named_by_number() -> None:
    bad = [one for one in read(CSV.encode()) if isinstance(one, Refused)]

    assert [(one.reason, one.detail.partition(":")[0]) for one in bad] == [
        (Reason.wrong_shape, "row 3"),
        (Reason.wrong_shape, "row 4"),
        (Reason.wrong_shape, "row 5"),
    ]


def test_json_lines_rows_become_posts() -> None:
    lines = b'{"id": 1, "text": "\\ud83d one"}\n\n{"id": 2,\n[1]\n{"id": "3", "rating": "5"}\r\n'

    found = read(lines)

    assert [one.id if isinstance(one, SocialPost) else one.detail[:5] for one in found] == [
        "1",
        "row 3",
        "row 4",
        "3",
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251"])
def test_spreadsheets_cyrillic_is_read(encoding: str) -> None:
    (post,) = posts("id,text\n1,Не работи приложението\n".encode(encoding))

    assert post.text == "Не работи приложението"


@pytest.mark.parametrize("body", [b"", b"\n", b"id,text\n", b"id\n\x00\n"])
def test_odd_files_raise_nothing(body: bytes) -> None:
    assert all(isinstance(one, SocialPost | Refused) for one in read(body))


def test_a_cell_without_end_is_a_bad_row() -> None:
    found = read(b"id,text\n1," + b"a" * (bulk.CELL_CHARACTERS + 1) + b"\n2,ok\n")

    assert [type(one) for one in found] == [Refused, SocialPost]


def test_the_same_row_is_the_same_event_in_either_form() -> None:
    (table,) = posts(b"id,text,posted_at\n1,hi,2026-03-02T12:00:00+02:00\n")
    (line,) = posts(b'{"id": "1", "text": "hi", "posted_at": "2026-03-02T10:00:00Z"}')

    assert table.event_id == line.event_id

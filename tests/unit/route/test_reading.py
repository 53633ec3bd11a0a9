"""A body that is none of what a command wants is refused whatever it is, and is no error of ours.

What breaks the easy version: bytes that are no UTF-8; a body as deep as it is long, where no field
is named so; half of a character; nothing at all.
"""

import msgspec
import pytest
from fastapi import HTTPException

from services.route.api.reading import decoded
from services.route.domain.holding import HoldWish


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b"{",
        b'{"reason": "\xff\xfe"}',
        '{"reason": "учение"}'.encode("cp1251"),
        b'{"reason": "\\ud83d"}',
        b'{"other": ' + b"[" * 100_000,
        b'{"reason": ' + b"[" * 100_000,
    ],
    ids=["none", "list", "empty", "cut", "no utf-8", "cp1251", "half", "deep", "deep where known"],
)
def test_what_is_no_command_is_refused(body: bytes) -> None:
    with pytest.raises(HTTPException, match=r"^422: hold: ") as refused:
        decoded(body, HoldWish, "hold")

    assert refused.value.status_code == 422


@pytest.mark.parametrize("reason", ["учение", "учение в нощта", "fire drill"])
def test_what_is_one_is_read(reason: str) -> None:
    body = msgspec.json.encode({"reason": reason})

    assert decoded(body, HoldWish, "hold") == HoldWish(reason=reason)

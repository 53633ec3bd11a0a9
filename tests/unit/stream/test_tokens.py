"""A token opens the door until it expires, is revoked, or was never there.

The inputs that break the easy version: two live tokens of one caller, a file that breaks while
the service runs, a token that is no text.
"""

import os
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.settings import BadSettings
from stream.tokens import Tokens

NOW = datetime(2026, 11, 30, 2, 0, tzinfo=UTC)


def row(token: str, *, name: str = "desk", role: str = "reply", days: int = 1) -> str:
    until = (NOW + timedelta(days=days)).isoformat()
    digest = sha256(token.encode()).hexdigest()
    return f"  - {{id: {name}, role: {role}, sha256: '{digest}', expires: '{until}'}}\n"


def written(file: Path, *rows: str, at: int = 1) -> Tokens:
    file.write_text("tokens:\n" + "".join(rows), encoding="utf-8")
    os.utime(file, ns=(at, at))
    return Tokens(str(file))


def caller(tokens: Tokens, token: str, now: datetime = NOW) -> str | None:
    found = tokens.caller(token, now)
    return f"{found.id}/{found.role}" if found else None


def test_two_tokens_of_one_caller_live_side_by_side(tmp_path: Path) -> None:
    tokens = written(tmp_path / "tokens.yaml", row("old"), row("new", days=90))

    assert (caller(tokens, "old"), caller(tokens, "new")) == ("desk/reply", "desk/reply")
    assert caller(tokens, "other") is None


def test_a_token_ends_at_its_expiry(tmp_path: Path) -> None:
    tokens = written(tmp_path / "tokens.yaml", row("t"))

    assert caller(tokens, "t", NOW + timedelta(days=1, microseconds=-1)) == "desk/reply"
    assert caller(tokens, "t", NOW + timedelta(days=1)) is None


def test_a_revoked_token_ends_with_the_file(tmp_path: Path) -> None:
    tokens = written(tmp_path / "tokens.yaml", row("t"))
    assert caller(tokens, "t")

    written(tmp_path / "tokens.yaml", row("u"), at=2)
    assert tokens.refresh()

    assert (caller(tokens, "t"), caller(tokens, "u")) == (None, "desk/reply")


def test_a_file_that_breaks_leaves_the_tokens_in_force(tmp_path: Path) -> None:
    file = tmp_path / "tokens.yaml"
    tokens = written(file, row("t"))

    file.write_text("tokens: [{id: desk, role: reply, token: in-clear}]", encoding="utf-8")
    with pytest.raises(BadSettings, match="expected `tokens`"):
        tokens.refresh()

    assert caller(tokens, "t") == "desk/reply"


def test_without_a_file_nobody_may_call() -> None:
    assert caller(Tokens(), "") is None


@given(st.text())
def test_no_text_opens_or_breaks_it(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    tokens = written(tmp_path_factory.getbasetemp() / "tokens.yaml", row("a long token"))

    assert tokens.caller(text, NOW) is None


def test_a_file_that_is_not_there_is_said_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match=r"tokens\.yaml: expected a file of tokens"):
        Tokens(str(tmp_path / "tokens.yaml"))

"""Tokens of every role for the admin API."""

from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest

from stream.tokens import Tokens
from tests.unit.ingest.calling import ROLES
from tests.unit.ingest.deliveries import NOW


@pytest.fixture
def tokens(tmp_path: Path) -> Tokens:
    rows = [
        {
            "id": f"{role}-desk",
            "role": role,
            "sha256": sha256(f"{role}-token".encode()).hexdigest(),
            "expires": (NOW + timedelta(days=1)).isoformat(),
        }
        for role in ROLES
    ]
    file = tmp_path / "tokens.yaml"
    file.write_bytes(msgspec.json.encode({"tokens": rows}))
    return Tokens(str(file))

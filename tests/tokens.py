"""Whom do tests let call an API? A file of tokens as an installation mounts it."""

import json
from hashlib import sha256
from pathlib import Path


def tokens_file(folder: Path, **roles: str) -> Path:
    """The file that gives the token NAME-token to NAME, as ``role`` or ``role@brand``."""
    rows = []
    for name, said in roles.items():
        role, _, brand = said.partition("@")
        rows.append(
            {
                "id": name,
                "role": role,
                "sha256": sha256(f"{name}-token".encode()).hexdigest(),
                "expires": "2100-01-01T00:00:00Z",
                "brands": [brand] if brand else [],
            }
        )
    file = folder / "tokens.yaml"
    file.write_text(json.dumps({"tokens": rows}), encoding="utf-8")
    return file


def bearing(name: str) -> dict[str, str]:
    """The header of NAME's calls."""
    return {"authorization": f"Bearer {name}-token"}

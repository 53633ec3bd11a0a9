"""Who may call an admin API? Bearer tokens by their hashes in a mounted file, hot.

A row a token: id, role, sha256 of the token in hex, expiry, and the brands that it is for, all if
none is named. Two rows with one id are a rotation, two with one sha256 are two roles of a caller.
The file holds no secret: who reads it can call nothing.
"""

import hmac
import logging
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Annotated

import msgspec
import yaml

from schemas.event import Instant
from stream.settings import BadSettings

LOG = logging.getLogger(__name__)


class Token(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One token as written in the file; ``id`` names the caller in logs and events."""

    id: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    role: Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
    sha256: Annotated[str, msgspec.Meta(pattern=r"\A[0-9a-f]{64}\Z")]
    expires: Instant
    brands: tuple[str, ...] = ()


class Tokens:
    """The live tokens of a file, read again when it changes; a broken one leaves the old in force.

    Without a file nobody may call. Raises ``BadSettings`` for one that is not there or broken at
    start.
    """

    def __init__(self, file: str = "") -> None:
        self._file = Path(file) if file else None
        self._changed_at = 0
        self._tokens: tuple[Token, ...] = ()
        if self._file and not self._file.exists():
            raise BadSettings(f"{file}: expected a file of tokens, there is none")
        self.refresh()

    def refresh(self) -> bool:
        """Read the file if it has changed; True where it did. Raises ``BadSettings``."""
        changed_at = self._file.stat().st_mtime_ns if self._file and self._file.exists() else 0
        if self._file is None or changed_at == self._changed_at:
            return False
        self._changed_at = changed_at
        self._tokens = _read(self._file) if changed_at else ()
        return True

    def refreshed(self) -> bool:
        """Read the file if it has changed; a broken one is said in the log and changes nothing."""
        try:
            return self.refresh()
        except BadSettings as error:
            LOG.warning("tokens unchanged: %s", error)
            return False

    def caller(self, token: str, now: datetime) -> Token | None:
        """Whose live token it is, at this real time; None for any other."""
        return next(iter(self.roles(token, now)), None)

    def roles(self, token: str, now: datetime) -> tuple[Token, ...]:
        """All rows of a live token: what its bearer is, for which brands."""
        digest = sha256(token.encode("utf-8", "replace")).hexdigest()
        found = [one for one in self._tokens if hmac.compare_digest(one.sha256, digest)]
        return tuple(one for one in found if now < one.expires)


def _read(file: Path) -> tuple[Token, ...]:
    expected = "expected `tokens`, a list of id, role, sha256 and expires"
    try:
        document = yaml.safe_load(file.read_text("utf-8"))
        return msgspec.convert(document, _File).tokens
    except (OSError, yaml.YAMLError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise BadSettings(f"{file}: {expected}: {error}") from error


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    tokens: tuple[Token, ...]

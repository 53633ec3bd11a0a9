"""Are two texts nearly the same? A 64-bit simhash: near texts differ in few bits (R25)."""

from hashlib import blake2b

from services.classify.domain.reading import read

SHINGLE = 4
_HASH = blake2b(digest_size=8)


def fingerprint(text: str) -> str | None:
    """The simhash of a text as 16 hex digits; none where there is no text to compare."""
    plain = "".join(filter(str.isalnum, read(text).folded))
    if not plain:
        return None
    shingles = [plain[at : at + SHINGLE] for at in range(max(1, len(plain) - SHINGLE + 1))]
    hashes = b"".join(map(_hashed, shingles))
    return bytes(_majority(hashes[place::8]) for place in range(8)).hex()


def distance(first: str, second: str) -> int:
    """In how many bits two fingerprints differ; up to about 16 is a near duplicate."""
    return (int(first, 16) ^ int(second, 16)).bit_count()


def _hashed(shingle: str) -> bytes:
    hashing = _HASH.copy()
    hashing.update(shingle.encode())
    return hashing.digest()


def _majority(column: bytes) -> int:
    """The byte whose bits are set in more than half of these, one bit of all at a time."""
    votes, ones = int.from_bytes(column), int.from_bytes(b"\1" * len(column))
    counts = ((votes >> bit & ones).bit_count() for bit in range(8))
    return sum(1 << bit for bit, count in enumerate(counts) if 2 * count > len(column))

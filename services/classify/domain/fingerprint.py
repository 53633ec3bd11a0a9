"""Are two texts nearly the same? A 64-bit simhash: near texts differ in few bits (R25)."""

from hashlib import blake2b

from services.classify.domain.reading import read

SHINGLE = 4
LANE = 24
"""Bits per counter; eight counters live in one integer, so that a byte is counted at once."""
SPREAD = tuple(sum(1 << LANE * bit for bit in range(8) if byte >> bit & 1) for byte in range(256))


def fingerprint(text: str) -> str | None:
    """The simhash of a text as 16 hex digits; none where there is no text to compare."""
    plain = "".join(sign for sign in read(text).folded if sign.isalnum())
    if not plain:
        return None
    shingles = [plain[at : at + SHINGLE] for at in range(max(1, len(plain) - SHINGLE + 1))]
    counts = [0] * 8
    for shingle in shingles:
        for place, byte in enumerate(blake2b(shingle.encode(), digest_size=8).digest()):
            counts[place] += SPREAD[byte]
    return bytes(_majority(count, len(shingles)) for count in counts).hex()


def distance(first: str, second: str) -> int:
    """In how many bits two fingerprints differ; up to about 16 is a near duplicate."""
    return (int(first, 16) ^ int(second, 16)).bit_count()


def _majority(counts: int, voters: int) -> int:
    mask = (1 << LANE) - 1
    return sum(1 << bit for bit in range(8) if 2 * (counts >> LANE * bit & mask) > voters)

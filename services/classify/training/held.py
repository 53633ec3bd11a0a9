"""What was said of a labelled post by heads that did not see it? Small rows, one a post."""

from collections.abc import Mapping

import msgspec

from services.classify.domain.model import Read
from services.classify.training.lessons import CLASSES

A = ord("a")


class Held(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """One post by the beginning of its text's hash; a letter and a per cent for each axis."""

    sha1: str
    says: str
    sure: tuple[int, ...]
    wording: float
    """The expected band of the text without its named cues."""

    def reads(self) -> dict[str, Read]:
        """The axes as a model reads them."""
        rows = zip(CLASSES.items(), self.says, self.sure, strict=True)
        return {
            axis: Read(says=classes[ord(letter) - A], sure=share / 100)
            for (axis, classes), letter, share in rows
        }


def held_of(sha1: str, reads: Mapping[str, Read], wording: float) -> Held:
    """The row of a post."""
    return Held(
        sha1=sha1[:16],
        says="".join(chr(A + CLASSES[axis].index(reads[axis].says)) for axis in CLASSES),
        sure=tuple(round(100 * reads[axis].sure) for axis in CLASSES),
        wording=round(wording, 2),
    )

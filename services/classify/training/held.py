"""What was said of a labelled post by heads that did not see it? Small rows, one a post."""

from collections.abc import Mapping

import msgspec

from services.classify.domain.model import Read
from services.classify.domain.rest import Haste
from services.classify.training.lessons import CLASSES

A = ord("a")


class Held(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """One post by the beginning of its text's hash; a letter and a per cent for each axis."""

    sha1: str
    says: str
    sure: tuple[int, ...]
    wording: float
    """The expected band of the text without its named cues."""
    bands: tuple[int, ...]
    """A per cent for each band, by the whole text."""

    def haste(self) -> Haste:
        """How urgent the text reads, as a model says it."""
        return Haste(bands=tuple(share / 100 for share in self.bands), wording=self.wording)

    def reads(self) -> dict[str, Read]:
        """The axes as a model reads them."""
        rows = zip(CLASSES.items(), self.says, self.sure, strict=True)
        return {
            axis: Read(says=classes[ord(letter) - A], sure=share / 100)
            for (axis, classes), letter, share in rows
        }


def held_of(sha1: str, reads: Mapping[str, Read], haste: Haste) -> Held:
    """The row of a post."""
    return Held(
        sha1=sha1[:16],
        says="".join(chr(A + CLASSES[axis].index(reads[axis].says)) for axis in CLASSES),
        sure=tuple(round(100 * reads[axis].sure) for axis in CLASSES),
        wording=round(haste.wording, 2),
        bands=tuple(round(100 * share) for share in haste.bands),
    )

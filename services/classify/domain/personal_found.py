"""What stands around a shape that may be personal data? The place that the rules look at."""

from functools import lru_cache

import msgspec

from services.classify.domain import personal_owners as owners

BEFORE, AFTER = 64, 24
"""How many signs around a place are read to see whose it is."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A shape in a text; both texts have the same places."""

    original: str
    folded: str
    start: int
    end: int

    @property
    def shown(self) -> str:
        """The shape itself."""
        return self.folded[self.start : self.end]

    @property
    def before(self) -> str:
        """What leads to it."""
        return self.folded[max(0, self.start - BEFORE) : self.start]

    @property
    def after(self) -> str:
        """What follows it."""
        return self.folded[self.end : self.end + AFTER]

    @property
    def digits(self) -> str:
        """Its digits alone."""
        return "".join(sign for sign in self.shown if sign.isdecimal())


def is_own(found: Found) -> bool:
    """Is it a person's, and not what an advert or the company itself shows to all?"""
    if owners.ASKED_BEHIND.match(found.after):
        return False
    if owners.MY_OWN.search(found.before):
        return True
    return not _is_for_all(found.folded)


@lru_cache(maxsize=4)
def _is_for_all(folded: str) -> bool:
    return bool(owners.ADVERT.search(folded) or owners.COMPANY.search(folded))

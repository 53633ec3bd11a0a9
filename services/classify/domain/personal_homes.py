"""Is a number that of somebody's home? A flat always, a house where the words mean a home."""

from services.classify.domain import personal_shapes as shapes
from services.classify.domain import personal_words as words
from services.classify.domain.personal_found import Found, is_own

SHORT = 24


def exposes_home(found: Found) -> bool:
    """Does the number of a house or a flat stand in somebody's address?"""
    placed = shapes.PLACED.search(found.before)
    if placed and (shapes.AT_FLAT.search(found.before) or shapes.IN_VILLAGE.search(found.before)):
        return is_own(found)
    return (
        _is_house(found, on_street=bool(placed and shapes.ON_STREET.search(found.before)))
        and not words.PREMISES.search(found.folded)
        and is_own(found)
    )


def _is_house(found: Found, *, on_street: bool) -> bool:
    if shapes.STREET.match(found.original, found.end):
        return True
    if on_street:
        return bool(words.HOME.search(found.folded))
    if not shapes.ON_NAME.search(found.original[: found.start][-32:]):
        return False
    entered = shapes.ENTRANCE.match(found.folded, found.end)
    return bool(entered or words.ADDRESS.search(found.before) or _is_answer(found))


def _is_answer(found: Found) -> bool:
    """Nothing else was written: the answer to where somebody is."""
    return len(found.folded.strip()) < SHORT

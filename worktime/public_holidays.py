"""On which dates is a country closed? The ``holidays`` package as dates that a calendar takes."""

from collections.abc import Iterable

from holidays import country_holidays


def public_holidays(
    country: str, years: Iterable[int], subdivision: str | None = None
) -> tuple[str, ...]:
    """ISO dates of the public holidays in these years, sorted; ``ValueError`` for unknown places.

    ``country`` and ``subdivision`` are ISO 3166 codes (``DE``, ``BY``); the answer depends on the
    pinned version of ``holidays``.
    """
    try:
        found = country_holidays(country, subdiv=subdivision, years=frozenset(years), expand=False)
    except NotImplementedError as error:
        place = f"{country!r}, {subdivision!r}"
        raise ValueError(f"unknown country or subdivision {place}: {error}") from error
    return tuple(sorted(day.isoformat() for day in found))

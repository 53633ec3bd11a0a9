"""What hours does a team work? The calendar as it travels inside a ticket's terms."""

import msgspec


class Calendar(msgspec.Struct, frozen=True, kw_only=True):
    """Working hours in local time; source: requirements R97, sla/README shape.

    Intervals are ``("09:00", "18:00")`` pairs, half open; ``"24:00"`` is the end of the day and an
    interval whose end is not after its start crosses midnight. ``weekly`` has the keys ``mon`` to
    ``sun`` (a missing day is closed), ``overrides`` replace a whole date (``2026-03-02``), and a
    date in ``holidays`` is closed unless an override names it.
    """

    timezone: str
    weekly: dict[str, tuple[tuple[str, str], ...]]
    overrides: dict[str, tuple[tuple[str, str], ...]] = {}
    holidays: tuple[str, ...] = ()

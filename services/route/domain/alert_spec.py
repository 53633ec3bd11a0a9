"""What may a policy say about alerts? Grouping, ways to people, inhibition: as Alertmanager's file.

The names and their meaning are Alertmanager's (its configuration, ``route`` and ``inhibit_rules``),
so that who knows the one can write the other.
"""

from typing import Any

import msgspec

from services.route.domain.spec_parts import Duration, Name, Strict


class WaySpec(Strict, frozen=True, kw_only=True):
    """A way to people; ``when`` asks labels. What it leaves out is as on the way that it leaves,
    but for its hours.

    The first way that matches is taken, and with ``continue`` the next one too. ``mute`` names
    calendars in whose hours nobody is called, ``active`` those outside of which nobody is.
    """

    when: dict[str, Any] = {}
    channel: Name | None = None
    group_by: tuple[Name, ...] | None = None
    group_wait: Duration | None = None
    group_interval: Duration | None = None
    repeat_interval: Duration | None = None
    send_resolved: bool | None = None
    mute: tuple[Name, ...] = ()
    active: tuple[Name, ...] = ()
    goes_on: bool = msgspec.field(name="continue", default=False)
    routes: tuple["WaySpec", ...] = ()


class InhibitSpec(Strict, frozen=True, kw_only=True):
    """While a source fires, targets with the same values of the ``equal`` labels are quiet."""

    source: dict[str, Any]
    target: dict[str, Any]
    equal: tuple[Name, ...] = ()


class AlertingSpec(Strict, frozen=True, kw_only=True):
    """How alerts become calls.

    Alerts of one brand with the same ``group_by`` labels are one call (``["..."]``: with all labels
    the same): told ``group_wait`` after the first, again with what has changed every
    ``group_interval``, and unchanged after ``repeat_interval``. Who acknowledges has
    ``taken_within`` to claim or answer, else the next one is called. What came too late to page
    anybody is one summary a team, ``summary_wait`` after the last of it.
    """

    group_by: tuple[Name, ...] = ("kind", "team", "matter")
    group_wait: Duration = "0s"
    group_interval: Duration = "5m"
    repeat_interval: Duration = "4h"
    send_resolved: bool = True
    taken_within: Duration = "15m"
    summary_wait: Duration = "1m"
    routes: tuple[WaySpec, ...] = ()
    inhibit: tuple[InhibitSpec, ...] = ()
    test_channel: Name = "test"

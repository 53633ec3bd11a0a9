"""By whose clock does the page tell times? The company's, as its promises' calendars have it."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

import msgspec

from schemas.tickets import Ticket
from worktime.walls import read_zone

_UTC = "UTC"


class Hours(msgspec.Struct, frozen=True):
    """A time zone, and how a page tells an instant in it."""

    zone: str = _UTC

    def said(self, at: datetime) -> str:
        """Date, hour and zone; with the hour in UTC, by which events and logs go."""
        utc = "" if self.zone == _UTC else f" ({at:%H:%M} UTC)"
        return f"{self.day(at)} {self.zone}{utc}"

    def day(self, at: datetime) -> str:
        """Date and hour."""
        return f"{at.astimezone(read_zone(self.zone)):%Y-%m-%d %H:%M}"

    def short(self, at: datetime) -> str:
        """Month, day and hour."""
        return f"{at.astimezone(read_zone(self.zone)):%m-%d %H:%M}"


def hours_of(brand: str, tickets: Iterable[Ticket]) -> Hours:
    """The hours of a brand; a promise that holds day and night tells no zone."""
    zones = [(one.brand == brand, one.terms.calendar.timezone) for one in tickets]
    told = [one for one in zones if one[1] != _UTC]
    own = [zone for ours, zone in told if ours] or [zone for _, zone in told]
    return Hours(next((zone for zone, _ in Counter(own).most_common(1)), _UTC))

"""By whose clock does the page tell times? The company's, as its promises' calendars have it."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

import msgspec

from schemas.tickets import Ticket
from services.route.domain.coverage import zone_of
from services.route.domain.policy import Policy
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


def hours_of(brand: str, tickets: Iterable[Ticket], zone: str = _UTC) -> Hours:
    """The hours of a brand; a promise that holds day and night tells none, then ``zone`` does."""
    zones = [(one.brand == brand, one.terms.calendar.timezone) for one in tickets]
    told = [one for one in zones if one[1] != _UTC]
    own = [zone for ours, zone in told if ours] or [zone for _, zone in told]
    return Hours(next((most for most, _ in Counter(own).most_common(1)), zone))


def zone_of_policy(policy: Policy) -> str:
    """The zone of most teams, as the calendars of their duty say."""
    zones = Counter(zone_of(team) for team in policy.teams.values())
    del zones[_UTC]
    return next((most for most, _ in zones.most_common(1)), _UTC)

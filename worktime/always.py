"""Which calendar holds where nobody wrote one? The built-in that never closes."""

from schemas.calendars import Calendar
from worktime.walls import WEEKDAYS

ALWAYS = Calendar(timezone="UTC", weekly=dict.fromkeys(WEEKDAYS, (("00:00", "24:00"),)))
"""Open day and night; policies name it ``always``."""

"""iCalendar files as the tests of holidays vary them."""


def an_event(start: str, *lines: str, name: str = "Off") -> str:
    """An event that starts on that date, or at that time, with more of its lines."""
    summary = name.replace(";", "\\;").replace(",", "\\,")
    kind = ":" if "T" in start else ";VALUE=DATE:"
    said = [f"DTSTART{kind}{start}", f"SUMMARY:{summary}", *lines]
    return "\r\n".join(["BEGIN:VEVENT", *said, "END:VEVENT"])


def an_ics(*events: str) -> str:
    """A file of these events."""
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//otklik//test//EN"]
    return "\r\n".join([*head, *events, "END:VCALENDAR", ""])

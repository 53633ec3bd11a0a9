"""How does an alert reach the log? One line with ids and counts, no text of any post."""

import logging

from services.route.domain.message import Sending

LOG = logging.getLogger(__name__)


class JournalChannel:
    """The log as a channel: for installations that alert on their logs, and beside every other."""

    async def send(self, sending: Sending) -> str | None:
        """Write one line; the log never refuses."""
        alert = sending.alert
        extra = {
            "event_id": sending.id,
            "group_key": alert.group_key,
            "outcome": alert.state.value,
            "count": alert.count,
        }
        LOG.warning("alert", extra=extra)
        return None

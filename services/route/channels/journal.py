"""How does an alert reach the log? One line with ids and counts, no text of any post."""

import logging
from datetime import datetime

from schemas.alerts import AlertChanged
from services.route.domain.message import Message

LOG = logging.getLogger(__name__)


class JournalChannel:
    """The log as a channel: for installations that alert on their logs, and beside every other."""

    async def send(
        self, alert: AlertChanged, message: Message, *, message_id: str, at: datetime
    ) -> None:
        """Write one line; the log never refuses."""
        extra = {
            "event_id": message_id,
            "group_key": alert.group_key,
            "outcome": alert.state.value,
            "count": alert.count,
        }
        LOG.warning("alert", extra=extra)

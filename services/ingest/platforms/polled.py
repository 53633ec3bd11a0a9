"""What does a source answer that never calls us? We ask it, or somebody hands us a file."""

from datetime import datetime

from services.ingest.domain.receipt import Answer, Delivery, Keys

taken: Answer | None = None
"""Nobody waits for an answer."""


def verify(delivery: Delivery, keys: Keys, now: datetime) -> bool:
    """It does not come by webhook: no request is authentic."""
    return False


def handshake(delivery: Delivery, keys: Keys) -> Answer | None:
    """It asks nothing."""
    return None

"""What does the canary say? A post a minute of our own making that watches the whole pipeline.

Its account is built in: ``brands.yaml`` takes no name that begins with an underscore.
"""

import msgspec

from schemas.event import CANARY
from services.ingest.domain.brands import Account

SOURCE = "generic"
ACCOUNT = Account(brand=CANARY, source=SOURCE, id=CANARY, channel_role="service")
TEXT = "The canary sings: everything works as long as this comes through."


def canary_post(post_id: str) -> bytes:
    """The post as the body of a delivery; nobody wrote it."""
    return msgspec.json.encode({"id": post_id, "text": TEXT, "lang": "en"})

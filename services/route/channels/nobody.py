"""Which channel calls nobody? The canary's: it takes all that it is given and does nothing."""

from services.route.domain.message import Sending


class NobodyChannel:
    """Accepts everything."""

    async def send(self, sending: Sending) -> str | None:
        """Nobody is told."""
        return None

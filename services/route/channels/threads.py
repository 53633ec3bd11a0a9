"""How is a call made that blocks? In a thread beside, so that nobody else waits for it."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress

from services.route.domain.alerting import Undelivered


class Threads:
    """So many calls at once, each in a thread that keeps no process from ending.

    A call whose caller has given up goes on and still counts: what hangs cannot pile up.
    """

    def __init__(self, most: int) -> None:
        self._free = most

    async def run(self, call: Callable[[], bool]) -> bool:
        """What the call says, False where it raises; ``Undelivered`` where too many hang."""
        if not self._free:
            raise Undelivered("too many calls hang")
        self._free -= 1
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[bool] = loop.create_future()

        def over(said: bool) -> None:  # noqa: FBT001 - the answer itself
            self._free += 1
            if not answer.done():
                answer.set_result(said)

        def work() -> None:
            said = _quietly(call)
            with suppress(RuntimeError):  # the loop has ended before the call
                loop.call_soon_threadsafe(over, said)

        threading.Thread(target=work, daemon=True, name="channel").start()
        return await answer


def _quietly(call: Callable[[], bool]) -> bool:
    try:
        return call()
    except Exception:  # noqa: BLE001 - not our code, and its words may quote the address
        return False

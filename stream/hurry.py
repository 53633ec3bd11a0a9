"""How long may work go on once a process is to stop? For a while, and then it is cut off."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


@asynccontextmanager
async def hurry(stop: asyncio.Event, seconds: float) -> AsyncIterator[asyncio.Timeout]:
    """Cut the body off so many real seconds after ``stop``; the timeout says whether it was."""
    patience = asyncio.timeout(None)
    watch = asyncio.create_task(_watch(stop, patience, seconds))
    try:
        async with patience:
            yield patience
    except TimeoutError:
        if not patience.expired():
            raise
    finally:
        watch.cancel()


async def _watch(stop: asyncio.Event, patience: asyncio.Timeout, seconds: float) -> None:
    await stop.wait()
    patience.reschedule(asyncio.get_running_loop().time() + seconds)

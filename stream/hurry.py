"""What does a stop do to work and to waiting? Work is given a while, waiting ends at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


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


async def pause(stop: asyncio.Event, seconds: float) -> None:
    """Wait so many real seconds, or until ``stop``."""
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


async def _watch(stop: asyncio.Event, patience: asyncio.Timeout, seconds: float) -> None:
    await stop.wait()
    patience.reschedule(asyncio.get_running_loop().time() + seconds)

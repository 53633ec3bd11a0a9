"""What does not end by itself is cut off once the process is to stop, and not before.

The inputs that break the easy version: a stop that was there before the work, work that fails by
a timeout of its own, a turn that a database never answers.
"""

import asyncio

import pytest

from stream import service
from stream.hurry import hurry
from stream.service import repeated


async def never() -> int:
    """What a server does that is frozen."""
    await asyncio.Event().wait()
    return 0


@pytest.mark.parametrize("stopped", [True, False])
async def test_work_is_cut_off_after_the_stop(*, stopped: bool) -> None:
    stop = asyncio.Event()
    if stopped:
        stop.set()

    async with hurry(stop, 0) as patience:
        stop.set()
        await never()

    assert patience.expired()


async def test_work_that_ends_is_left_alone() -> None:
    stop = asyncio.Event()
    async with hurry(stop, 60) as patience:
        stop.set()

    assert not patience.expired()


async def test_a_timeout_of_the_works_own_comes_out() -> None:
    with pytest.raises(TimeoutError, match="its own"):
        async with hurry(asyncio.Event(), 60):
            raise TimeoutError("its own")


async def test_a_turn_that_is_never_answered_holds_up_no_stop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(service, "TURN_SECONDS", 0)
    stop, began = asyncio.Event(), asyncio.Event()

    async def turn() -> int:
        began.set()
        return await never()

    part = asyncio.ensure_future(repeated(turn, 60)(stop))
    await began.wait()
    stop.set()

    await asyncio.wait_for(part, 10)

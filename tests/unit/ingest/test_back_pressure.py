"""When the broker or a source is at its limit, ingest says so at once and is itself unharmed.

The inputs that break the easy version: a broker that comes back while nobody asks, a clock that
has stood long before the first request, a request that leaves in the middle.
"""

from hypothesis import given
from hypothesis import strategies as st

from services.ingest.domain.allowance import Allowance, Room
from services.ingest.domain.breaker import Breaker


def broken(at: float = 100.0) -> Breaker:
    breaker = Breaker()
    for _ in range(3):
        breaker.missed(at)
    return breaker


def test_the_breaker_opens_after_three_misses_in_a_row() -> None:
    breaker = Breaker()
    breaker.missed(1)
    breaker.missed(2)
    breaker.acked()
    breaker.missed(3)
    breaker.missed(4)
    assert not breaker.is_open

    breaker.missed(5)

    assert breaker.is_open
    assert not breaker.admits(5.9)


def test_an_open_breaker_lets_one_probe_through_each_second() -> None:
    breaker = broken(at=100)

    admitted = [moment / 10 for moment in range(1000, 1031) if breaker.admits(moment / 10)]

    assert admitted == [101, 102, 103]


def test_one_ack_closes_the_breaker() -> None:
    breaker = broken(at=100)

    breaker.acked()

    assert [breaker.admits(100.1) for _ in range(5)] == [True] * 5


def test_a_probe_that_fails_keeps_it_open() -> None:
    breaker = broken(at=100)
    assert breaker.admits(101)

    breaker.missed(103.5)

    assert not breaker.admits(104.4)
    assert breaker.admits(104.5)


def test_a_burst_passes_and_then_the_rate_holds() -> None:
    allowance = Allowance(rate=2, burst=3)

    assert [allowance.take(50) for _ in range(4)] == [0, 0, 0, 1]
    assert allowance.take(50.5) == 0
    assert allowance.take(50.5) == 1


def test_a_slow_rate_says_how_long_it_takes() -> None:
    allowance = Allowance(rate=0.1, burst=1)

    assert (allowance.take(1000), allowance.take(1000), allowance.take(1004)) == (0, 10, 6)


@given(st.lists(st.floats(0, 10), max_size=60), st.integers(1, 5), st.integers(1, 5))
def test_no_more_passes_than_burst_and_rate_allow(gaps: list[float], rate: int, burst: int) -> None:
    allowance, now, passed = Allowance(rate=rate, burst=burst), 100.0, 0
    for gap in gaps:
        now += gap
        passed += allowance.take(now) == 0

    assert passed <= burst + rate * (now - 100.0) + 1e-6


def test_room_is_for_so_many_requests_and_so_many_bytes() -> None:
    room = Room(requests=2, size=100)

    assert (room.enter(60), room.enter(60), room.enter(40)) == (True, False, True)
    assert not room.enter(0)

    room.leave(60)
    assert room.enter(60)

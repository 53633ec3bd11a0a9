"""Is a partition silent, or are we the ones who are late?

Three inputs break the easy version: a restart with a backlog (the last tick is old, and the next
one lies unread before us), a partition that moved to another member and back, and a clock that is
two hours off (only durations may count).
"""

from services.notify.domain.hearing import Hearing


def test_a_partition_is_silent_once_its_ticks_stay_away_longer_than_our_patience() -> None:
    hearing = Hearing(patience=120)
    hearing.heard(3, now=1000)

    assert hearing.silent({3}, now=1120) == {}
    assert hearing.silent({3}, now=1150) == {3: 30}
    hearing.heard(3, now=1151)
    assert hearing.silent({3}, now=1200) == {}


def test_with_unread_records_before_us_it_is_we_who_are_late() -> None:
    hearing = Hearing(patience=120)
    hearing.heard(3, now=0)

    assert hearing.silent(set(), now=500) == {}
    assert hearing.silent({3}, now=501) == {}
    assert hearing.silent({3}, now=622) == {3: 1}


def test_a_partition_that_comes_to_us_gets_our_patience_from_then_on() -> None:
    hearing = Hearing(patience=120)

    assert hearing.silent({3, 4}, now=10_000) == {}
    assert hearing.silent({4}, now=10_100) == {}
    assert hearing.silent({3, 4}, now=10_121) == {4: 1}

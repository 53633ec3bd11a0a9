"""Do Faust's members start and stop as surely the fifth time? Its own suite, again and again.

The inputs that break the easy version: a race that one run in ten loses; a thread left over from
the run before; a broker that was frozen and thawed under the same process.
"""

import pytest

from tests.integration.faust_member import on_faust
from tests.integration.test_faust_members import (
    frozen_cluster,
    frozen_publish,
    no_thread_is_left,
    test_a_member_of_a_frozen_broker_ends,
    test_a_member_that_is_stopped_in_mid_rebalance_loses_nothing,
    test_a_member_that_is_stopped_while_it_starts_ends,
    test_a_member_that_is_stopped_while_its_batch_waits_gives_it_back,
    test_a_member_that_starts_on_a_frozen_broker_ends,
)
from tests.integration.test_promises_kafka import publish

__all__ = [
    "frozen_cluster",
    "frozen_publish",
    "no_thread_is_left",
    "on_faust",
    "publish",
    "test_a_member_of_a_frozen_broker_ends",
    "test_a_member_that_is_stopped_in_mid_rebalance_loses_nothing",
    "test_a_member_that_is_stopped_while_it_starts_ends",
    "test_a_member_that_is_stopped_while_its_batch_waits_gives_it_back",
    "test_a_member_that_starts_on_a_frozen_broker_ends",
]


@pytest.fixture(autouse=True, params=range(5))
def time_and_again(request: pytest.FixtureRequest) -> None:
    """Each test five times."""

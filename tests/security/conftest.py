"""What the suites of security share: one guarded broker a run, with the users of the table."""

from collections.abc import Iterator

import pytest

from deploy.local import guarded, kafka
from deploy.local.guarded import Guarded
from schemas.rights import PRINCIPALS


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """A Kafka that refuses what was not granted to who asks; nothing is granted yet."""
    found = guarded.start(kafka.CACHE, tmp_path_factory.mktemp("guarded"), PRINCIPALS)
    yield found
    found.stop()

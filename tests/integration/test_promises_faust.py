"""The same promises through Faust on a real Kafka: stateless, and on the ledger.

On PostgreSQL only: the ledger on SQLite is the other pump's suite, and no different here.
"""

import pytest

from tests.integration import test_promises_kafka as kafka
from tests.integration.faust_member import on_faust
from tests.integration.test_promises_kafka import publish

__all__ = ["on_faust", "publish"]


class TestStatelessOnFaust(kafka.TestStateless):
    pass


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
class TestOnTheLedgerOnFaust(kafka.TestOnTheLedger):
    pass

"""The same promises through Faust on a real Kafka: stateless, and on both databases' ledgers."""

import pytest

from stream.faust_pump import FaustPump
from tests.integration import test_promises_kafka as kafka
from tests.integration.test_promises_kafka import publish

__all__ = ["publish"]


@pytest.fixture(autouse=True)
def on_faust(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kafka, "AiokafkaPump", FaustPump)


class TestStatelessOnFaust(kafka.TestStateless):
    pass


class TestOnTheLedgerOnFaust(kafka.TestOnTheLedger):
    pass

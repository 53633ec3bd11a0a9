"""What the faults share: a broker and a database of their own, no other suite would survive."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from deploy.local import postgres
from schemas.event import derive_id
from stream.topic_admin import Cluster
from tests.faults.servers import Broker, Database
from tests.faults.story import Story, story_of

PARTITIONS = 12


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A real Kafka to be frozen and killed."""
    broker = Broker(tmp_path_factory.mktemp("kafka"))
    yield broker
    broker.kill()


@pytest.fixture
def cluster(broker: Broker, request: pytest.FixtureRequest) -> Cluster:
    """That broker, with a topic prefix that no other test has."""
    prefix = derive_id(request.node.nodeid, "prefix", str(os.getpid()))[:13]
    return Cluster(bootstrap=broker.bootstrap, prefix=f"t{prefix}", partitions=PARTITIONS)


@pytest.fixture(scope="session")
def database() -> Iterator[Database]:
    """A real PostgreSQL to be crashed."""
    with TemporaryDirectory(prefix="otklik-faults-") as folder:
        Path(folder).chmod(0o755)  # as root the server runs as a user of its own
        database = Database(postgres.start(Path(folder)))
        yield database
        database.stop()


@pytest.fixture(params=["aiokafka", "faust"])
def pump(request: pytest.FixtureRequest) -> str:
    """Each of the two real pumps."""
    return str(request.param)


@pytest.fixture
def postgresql(request: pytest.FixtureRequest, database: Database) -> str:
    """An empty database on the server that crashes."""
    name = "t" + derive_id(request.node.nodeid, "database").replace("-", "")[:20]
    return database.server.create_database(name)


@pytest.fixture
async def stateless(cluster: Cluster, tmp_path: Path, pump: str) -> AsyncIterator[Story]:
    """Members that keep nothing."""
    async with story_of(cluster, tmp_path, {"PUMP": pump}) as story:
        yield story


@pytest.fixture
async def stateful(
    cluster: Cluster, tmp_path: Path, pump: str, postgresql: str
) -> AsyncIterator[Story]:
    """Members on the ledger of a PostgreSQL."""
    settings = {"PUMP": pump, "DATABASE_URL": postgresql}
    async with story_of(cluster, tmp_path, settings) as story:
        yield story

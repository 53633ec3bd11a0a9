"""What the suites share: one broker and one database server a run, own names for each test."""

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings

from deploy.local import kafka, postgres
from schemas.event import derive_id
from stream.topic_admin import Cluster
from tests.stored import database_named

PARTITIONS = 3

settings.register_profile("otklik", deadline=None)  # how long a machine takes proves nothing
settings.load_profile("otklik")


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI a test that did not run is a test that failed."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None:
        return
    missed = [*reporter.stats.get("skipped", ()), *reporter.stats.get("xfailed", ())]
    if missed and os.environ.get("CI"):  # noqa: TID251 - the run's own setting, not a service's
        reporter.write_line(f"{len(missed)} tests were skipped or expected to fail: not in CI")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def bootstrap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Kafka: the one that KAFKA_BOOTSTRAP_SERVERS names, else our own for this run."""
    given = os.environ.get("KAFKA_BOOTSTRAP_SERVERS")  # noqa: TID251 - the run's own setting
    if given:
        yield given
        return
    broker = kafka.start(kafka.CACHE, tmp_path_factory.mktemp("kafka"))
    yield broker.bootstrap
    broker.kill()


@pytest.fixture
def cluster(bootstrap: str, request: pytest.FixtureRequest) -> Cluster:
    """The broker, with a topic prefix that no other test has."""
    run = os.environ.get("PYTEST_RUN_ID", str(os.getpid()))  # noqa: TID251 - the run's own setting
    prefix = derive_id(request.node.nodeid, "prefix", run)[:13]
    return Cluster(bootstrap=bootstrap, prefix=f"t{prefix}", partitions=PARTITIONS)


@pytest.fixture(scope="session")
def database_server() -> Iterator[postgres.Server | None]:
    """A real PostgreSQL of this run; None where TEST_DATABASE_URL names one."""
    if os.environ.get("TEST_DATABASE_URL"):  # noqa: TID251 - the run's own setting
        yield None
        return
    with TemporaryDirectory(prefix="otklik-postgres-") as folder:
        Path(folder).chmod(0o755)  # as root the server runs as a user of its own
        server = postgres.start(Path(folder))
        yield server
        server.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    name = "t" + derive_id(request.node.nodeid, "database").replace("-", "")[:20]
    return database_named(request.getfixturevalue("database_server"), name)

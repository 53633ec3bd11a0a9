"""What did a stopped service store and not yet tell? Published, before its database is replaced."""

from prometheus_client import CollectorRegistry
from sqlalchemy import MetaData, func, select

from stream.database import let_go, only_replica, open_engine
from stream.ledger import Ledger
from stream.metrics import StreamMetrics
from stream.outbox import LedgerTables
from stream.publisher import KafkaPublisher
from stream.settings import VERSION
from stream.topic_admin import Cluster


async def drained(cluster: Cluster, service: str, store: str) -> int:
    """Publish what waits in a service's outbox; how many events that was.

    It comes as the service itself: nobody else may write its topics. A member that starts
    meanwhile publishes the same, which readers know by the ids.
    """
    tables, engine = LedgerTables(MetaData(), service), open_engine(store)
    metrics = StreamMetrics(CollectorRegistry(), service, VERSION)
    try:
        with only_replica(store):
            async with engine.connect() as connection:
                query = select(func.count()).select_from(tables.outbox)
                waiting = int((await connection.execute(query)).scalar_one())
            async with KafkaPublisher(cluster, cluster.prefix, metrics) as publish:
                await Ledger(engine, tables, publish, metrics).drain(range(cluster.partitions))
            return waiting
    finally:
        await let_go(engine)

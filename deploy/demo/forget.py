"""What does a run leave on a broker or a database that was there before? Nothing."""

import asyncio
import os

from aiokafka.admin import AIOKafkaAdminClient
from sqlalchemy.schema import DropSchema

from deploy.demo.stack import Stack
from schemas.topics import TOPICS
from stream.database import open_engine


def forget(stack: Stack) -> None:
    """Delete this run's own topics and drop its own schema; ours alone go with their folder."""
    if stack.broker is None:
        asyncio.run(_topics(stack))
    if os.environ.get("DATABASE_URL", "").startswith("postgres"):  # noqa: TID251 - the person's own
        asyncio.run(_schema(stack.environment("route")["DATABASE_URL"]))


async def _topics(stack: Stack) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=stack.cluster.bootstrap)
    await admin.start()
    try:
        await admin.delete_topics([topic.under(stack.cluster.prefix) for topic in TOPICS])
    finally:
        await admin.close()


async def _schema(url: str) -> None:
    engine = open_engine(url)
    schema = engine.get_execution_options()["own_schema"]
    async with engine.begin() as connection:
        await connection.execute(DropSchema(schema, cascade=True, if_exists=True))
    await engine.dispose()

"""Topics from the command line: ``python -m stream topics create|check``."""

import argparse
import asyncio
import os
import sys

from aiokafka.errors import KafkaError

from schemas.topics import TOPICS
from stream.settings import BadSettings, StreamSettings, load
from stream.topic_admin import Cluster, TopicsDiffer, check, create


def main(arguments: list[str]) -> int:
    """Run one command; 0 done, 1 the topics differ or the broker is away, 2 bad usage."""
    parser = argparse.ArgumentParser(prog="python -m stream")
    commands = parser.add_subparsers(dest="command", required=True)
    topics = commands.add_parser("topics", help="create or check the topics of the one table")
    topics.add_argument("action", choices=["create", "check"])
    topics.add_argument("--replication", type=int, default=1)
    chosen = parser.parse_args(arguments)
    try:
        settings = load(StreamSettings, os.environ)  # noqa: TID251 - the command's own settings
        cluster = Cluster(
            bootstrap=settings.kafka_bootstrap_servers,
            prefix=settings.topic_prefix,
            partitions=settings.partitions,
            replication=chosen.replication,
        )
        asyncio.run({"create": create, "check": check}[chosen.action](cluster, TOPICS))
    except BadSettings as error:
        print(error, file=sys.stderr)
        return 2
    except (TopicsDiffer, KafkaError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{len(TOPICS)} topics under {cluster.prefix}, {cluster.partitions} partitions each")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""How is a migration begun? What the tables have and the migrations do not, written out to be read.

python -m deploy.local.new_migration SERVICE "what it adds"
"""

import argparse
import asyncio
import re
import tempfile
from importlib import import_module
from pathlib import Path

from alembic import command
from sqlalchemy import Connection

from stream.database import let_go, open_engine
from stream.migrations import History, config_of, head, migrated


async def begin(history: History, message: str) -> None:
    """Write the next migration of a service's store beside the others."""
    name = re.sub(r"\W+", "_", message.lower()).strip("_")
    number = f"{int(head(history)) + 1:04}"
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{Path(folder) / 'store.db'}")
        try:
            await migrated(engine, history)
            async with engine.connect() as connection:
                await connection.run_sync(_write, history, message, number, name)
        finally:
            await let_go(engine)


def _write(connection: Connection, history: History, message: str, number: str, name: str) -> None:
    config = config_of(history, connection)
    config.set_main_option("file_template", f"m{number}_{name}")
    command.revision(config, message, autogenerate=True, rev_id=number)


def main() -> None:
    """Run it for a person."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("service", choices=("ingest", "route", "notify"))
    parser.add_argument("message")
    chosen = parser.parse_args()
    tables = import_module(f"services.{chosen.service}.store.tables")
    asyncio.run(begin(tables.HISTORY, chosen.message))


if __name__ == "__main__":
    main()

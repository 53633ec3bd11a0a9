"""How is a store only looked into, beside a running route? Nothing is written, not even a file."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from errno import ENOENT
from pathlib import Path
from urllib.parse import quote

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from schemas.yaml_marks import BadFile
from services.route.domain.policy import Policy
from services.route.domain.policy_file import read_policy
from services.route.store.policies import latest
from stream.database import let_go, open_engine


class Unreadable(Exception):  # noqa: N818 - says what is wrong
    """The store cannot be read; the message says why, without the address's password."""


@asynccontextmanager
async def looked_into(url: str) -> AsyncIterator[AsyncConnection]:
    """A connection to the store that writes nothing; raises ``Unreadable``."""
    try:
        engine = reading(url)
        try:
            async with engine.connect() as connection:
                yield connection
        finally:
            await let_go(engine)
    except (SQLAlchemyError, OSError) as error:
        cause = getattr(error, "orig", None) or error
        raise Unreadable(f"expected route's store at DATABASE_URL: {cause}") from error


def reading(url: str) -> AsyncEngine:
    """An engine that writes nothing; SQLite would even create a file that is not there."""
    scheme, _, file = url.partition(":///")
    if scheme == "sqlite":
        if not Path(file).is_file():
            raise FileNotFoundError(ENOENT, "no such file", file)
        engine = open_engine(f"sqlite:///file:{quote(file)}?mode=ro&uri=true")
        return engine.execution_options(alone=True)
    return open_engine(url).execution_options(postgresql_readonly=True)


async def running_policy(connection: AsyncConnection) -> Policy | None:
    """The policy that decides, as far as this program can read it: another version may have."""
    version = await latest(connection)
    try:
        return read_policy(version.text) if version else None
    except BadFile:
        return None

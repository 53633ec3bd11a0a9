"""Which tables does ingest own? Portable between SQLite and PostgreSQL."""

from pathlib import Path

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, MetaData, String, Table

from stream.leases import lease_columns
from stream.migrations import History

METADATA = MetaData()
HISTORY = History(
    service="ingest", folder=Path(__file__).with_name("migrations"), metadata=METADATA
)
PLACES = Table(
    "ingest_places",
    METADATA,
    Column("key", String(700), primary_key=True),
    Column("conversation", String(500), nullable=False),
    Column("thread", String(500), nullable=False),
    Column("author_hash", String(64), index=True),
    Column("seen_at", BigInteger, nullable=False, index=True),
)
HEARD = Table(
    "ingest_heard",
    METADATA,
    Column("source", String(64), primary_key=True),
    Column("account", String(64), primary_key=True),
    Column("what", String(20), primary_key=True),
    Column("at", BigInteger, nullable=False),
)
SUPPRESSIONS = Table(
    "ingest_suppressions",
    METADATA,
    Column("author_hash", String(64), primary_key=True),
    Column("requested_at", BigInteger, nullable=False),
    Column("receipt_id", String(36), nullable=False, unique=True),
)
CURSORS = Table(
    "ingest_cursors",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("source", String(64), nullable=False),
    Column("account", String(64), nullable=False),
    Column("cursor", LargeBinary, nullable=True),
    Column("cursor_at", BigInteger, nullable=True),
    Column("failures", Integer, nullable=False, default=0),
    *lease_columns(),
)

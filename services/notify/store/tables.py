"""Which tables does notify own? Portable between SQLite and PostgreSQL; instants are micros."""

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
)

from stream.ledger import LedgerTables

METADATA = MetaData()
LEDGER = LedgerTables(METADATA, "notify")
TICKETS = Table(
    "notify_tickets",
    METADATA,
    Column("id", String(36), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("brand", String(100), nullable=False),
    Column("team", String(100), nullable=False),
    Column("priority", String(20), nullable=False),
    Column("state", String(20), nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("next_at", BigInteger),
    Column("body", LargeBinary, nullable=False),
    Index("notify_tickets_next", "partition", "next_at"),
    Index("notify_tickets_state", "state"),
)
"""A case a row, with all that was announced of it: a tick reads as many rows as are due."""
CLOCKS = Table(
    "notify_clocks",
    METADATA,
    Column("ticket", String(36), primary_key=True),
    Column("clock", String(20), primary_key=True),
    Column("cycle", Integer, primary_key=True),
    Column("partition", Integer, nullable=False),
    Column("brand", String(100), nullable=False),
    Column("team", String(100), nullable=False),
    Column("priority", String(20), nullable=False),
    Column("target", BigInteger, nullable=False),
    Column("started_at", BigInteger, nullable=False),
    Column("posted_at", BigInteger, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("due_at", BigInteger),
    Column("late_after", BigInteger),
    Column("stopped_at", BigInteger),
    Column("elapsed", BigInteger),
    Column("state", String(20), nullable=False),
    Column("reached", Double, nullable=False),
    Index("notify_clocks_started", "started_at"),
    Index("notify_clocks_state", "state"),
)
"""A verdict a row, for figures alone: no step reads them."""
TICKS = Table(
    "notify_ticks",
    METADATA,
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("received_before", BigInteger, nullable=False),
)

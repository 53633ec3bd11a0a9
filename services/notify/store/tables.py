"""Which tables does notify own? Portable between SQLite and PostgreSQL; instants are micros."""

from sqlalchemy import (
    BigInteger,
    Boolean,
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
    Column("source", String(40), nullable=False, server_default=""),
    Column("role", String(20), nullable=False, server_default=""),
    Column("lang", String(20), nullable=False, server_default=""),
    Column("topic", String(40), nullable=False, server_default=""),
    Column("outcome", String(20), nullable=False, server_default=""),
    Column("closed_at", BigInteger),
    Column("spoke_at", BigInteger),
    Column("spoke_last_at", BigInteger),
    Column("handed_at", BigInteger),
    Column("tone_before", String(20), nullable=False, server_default=""),
    Column("tone_after", String(20), nullable=False, server_default=""),
    Column("corrected", String, nullable=False, server_default=""),
    Index("notify_tickets_opened", "opened_at"),
    Index("notify_tickets_next", "partition", "next_at"),
    Index("notify_tickets_state", "state"),
)
"""A case a row, with all that was announced of it: a tick reads as many rows as are due.

From ``source`` on is what reports alone count; ``corrected`` lists axes between blanks.
"""
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
POSTS = Table(
    "notify_posts",
    METADATA,
    Column("id", String(36), primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("brand", String(100), nullable=False),
    Column("source", String(40), nullable=False),
    Column("role", String(20), nullable=False),
    Column("topic", String(40), nullable=False),
    Column("tone", String(20), nullable=False),
    Column("disposition", String(40), nullable=False),
    Column("addressed", Boolean, nullable=False),
    Column("asks", Boolean, nullable=False),
    Column("many", Boolean, nullable=False),
    Column("own", Boolean, nullable=False),
    Column("ticket", String(36)),
    Column("reply", String),
    Column("checked", String, nullable=False),
    Column("failed", String, nullable=False),
    Index("notify_posts_at", "at"),
    Index("notify_posts_ticket", "ticket"),
)
"""What was decided of a post, by its latest revision; no step reads it.

``id`` is derived and leads to nobody; ``reply`` is the name of one of our own. ``asks`` is a direct
request, ``addressed`` whether it spoke to us or of us, ``many`` whether its topic was hot.
``checked`` and ``failed`` list checks between blanks.
"""
SOURCES = Table(
    "notify_sources",
    METADATA,
    Column("brand", String(100), primary_key=True),
    Column("source", String(40), primary_key=True),
    Column("first_at", BigInteger, nullable=False),
)
"""When the first post of a source was written that was ever decided; it outlives the posts."""
TICKS = Table(
    "notify_ticks",
    METADATA,
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("received_before", BigInteger, nullable=False),
)

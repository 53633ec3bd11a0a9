"""Which tables does route own? Portable between SQLite and PostgreSQL."""

from pathlib import Path

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    text,
)

from services.route.domain.context import BANDS
from stream.leases import lease_columns
from stream.migrations import History
from stream.outbox import LedgerTables

METADATA = MetaData()
HISTORY = History(service="route", folder=Path(__file__).with_name("migrations"), metadata=METADATA)
LEDGER = LedgerTables(METADATA, "route")
SEEN = Table(
    "route_seen",
    METADATA,
    Column("event_id", String(36), primary_key=True),
)
POSTS = Table(
    "route_posts",
    METADATA,
    Column("key", String(500), primary_key=True),
    Column("parent_key", String(500), index=True),
    Column("thread", String(500), nullable=False, index=True),
    Column("conversation", String(500), nullable=False),
    Column("customer", String(300)),
    Column("author_hash", String(64), index=True),
    Column("body", LargeBinary, nullable=False),
    Index("route_posts_customer", "conversation", "customer"),
)
_OPEN = text("state != 'closed'")
TICKETS = Table(
    "route_tickets",
    METADATA,
    Column("id", String(36), primary_key=True),
    Column("case_key", String(1000), nullable=False, index=True),
    Column("brand", String(100), nullable=False),
    Column("customer", String(300)),
    Column("customer_hash", String(64), index=True),
    Column("episode", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("state", String(20), nullable=False, index=True),
    Column("partition", Integer, nullable=False),
    Column("team", String(100), nullable=False),
    Column("owner", String(200)),
    Column("changed_at", BigInteger, nullable=False, index=True),
    Column("told_at", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("route_tickets_told", "told_at", postgresql_where=_OPEN, sqlite_where=_OPEN),
    Index("route_tickets_customer", "brand", "customer"),
    Index("route_tickets_owner", "owner", "state"),
)
WINDOWS = Table(
    "route_windows",
    METADATA,
    Column("brand", String(100), primary_key=True),
    Column("topic", String(50), primary_key=True),
    Column("lang", String(35), primary_key=True),
    Column("bucket", BigInteger, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("count", Integer, nullable=False),
)
MOODS = Table(
    "route_moods",
    METADATA,
    Column("brand", String(100), primary_key=True),
    Column("conversation", String(500), primary_key=True),
    Column("posts", Integer, nullable=False),
    Column("negative", Integer, nullable=False),
)
COPIES = Table(
    "route_copies",
    METADATA,
    Column("brand", String(100), primary_key=True),
    Column("fingerprint", String(16), primary_key=True),
    Column("customer", String(300), primary_key=True),
    Column("at", BigInteger, nullable=False),
    *(Column(f"band{n}", Integer, nullable=False) for n in range(BANDS)),
    *(Index(f"route_copies_band{n}", "brand", f"band{n}") for n in range(BANDS)),
)
_INTENT_WAITS = text("done_at IS NULL")
INTENTS = Table(
    "route_alert_intents",
    METADATA,
    Column("id", String(36), primary_key=True),
    Column("ticket", String(36), nullable=False, index=True),
    Column("body", LargeBinary, nullable=False),
    Column("went_to", LargeBinary, nullable=True),
    Column("at", BigInteger, nullable=False),
    Column("done_at", BigInteger, nullable=True),
    Index(
        "route_alert_intents_waiting",
        "at",
        "id",
        postgresql_where=_INTENT_WAITS,
        sqlite_where=_INTENT_WAITS,
    ),
)
_ALERT_IS_OPEN = text("left_at IS NULL")
ALERTS = Table(
    "route_alerts",
    METADATA,
    Column("id", String(36), primary_key=True),
    Column("group_key", String(1000), nullable=False, index=True),
    Column("base", String(500), nullable=False, index=True),
    Column("kind", String(50), nullable=False),
    Column("ticket", String(36), nullable=False, index=True),
    Column("left_at", BigInteger, nullable=True),
    Column("body", LargeBinary, nullable=False),
    Index(
        "route_alerts_open", "kind", postgresql_where=_ALERT_IS_OPEN, sqlite_where=_ALERT_IS_OPEN
    ),
)
_GROUP_IS_OPEN = text("closed_at IS NULL")
GROUPS = Table(
    "route_alert_groups",
    METADATA,
    Column("key", String(1000), primary_key=True),
    Column("identity", String(1000), nullable=False),
    Column("short", String(22), nullable=False, index=True),
    Column("opened_at", BigInteger, nullable=False, index=True),
    Column("due_at", BigInteger, nullable=False),
    Column("closed_at", BigInteger, nullable=True),
    Column("body", LargeBinary, nullable=False),
    Index(
        "route_alert_groups_open",
        "identity",
        unique=True,
        postgresql_where=_GROUP_IS_OPEN,
        sqlite_where=_GROUP_IS_OPEN,
    ),
    Index(
        "route_alert_groups_due",
        "due_at",
        postgresql_where=_GROUP_IS_OPEN,
        sqlite_where=_GROUP_IS_OPEN,
    ),
)
ACK_LINKS = Table(
    "route_ack_links",
    METADATA,
    Column("nonce", String(64), primary_key=True),
    Column("until", BigInteger, nullable=False),
)
SILENCES = Table(
    "route_silences",
    METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("since", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False, index=True),
    Column("body", LargeBinary, nullable=False),
)
HOLDS = Table(
    "route_alert_holds",
    METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("since", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=True),
    Column("by", String(200), nullable=False),
    Column("reason", String(500), nullable=False),
    Column("follows", Integer, nullable=False, unique=True),
)
DELIVERIES = Table(
    "route_deliveries",
    METADATA,
    Column("id", String(36), primary_key=True),
    Column("group_key", String(1000), nullable=False, index=True),
    Column("channel", String(100), nullable=False),
    Column("number", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("stored_at", BigInteger, nullable=False),
    Column("outcome", String(50)),
    Column("receipt", String(500)),
    *lease_columns(),
)
SUPPRESSIONS = Table(
    "route_suppressions",
    METADATA,
    Column("author_hash", String(64), primary_key=True),
    Column("requested_at", BigInteger, nullable=False),
    Column("receipt_id", String(36), nullable=False),
)
LINKS = Table(
    "route_links",
    METADATA,
    Column("brand", String(100), primary_key=True),
    Column("customer", String(300), primary_key=True),
    Column("person", String(300), nullable=False),
    Index("route_links_person", "brand", "person"),
)
SWAPS = Table(
    "route_swaps",
    METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("person", String(200), nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False, index=True),
    Column("instead", String(200)),
    Column("author", String(200), nullable=False),
    Column("reason", String(500), nullable=False),
)
AUDIT = Table(
    "route_audit",
    METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("brand", String(100), nullable=False),
    Column("ticket", String(36), nullable=False, index=True),
    Column("at", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("correction", LargeBinary),
)
POLICIES = Table(
    "route_policy_versions",
    METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("hash", String(12), nullable=False, index=True),
    Column("text", LargeBinary, nullable=False),
    Column("author", String(200), nullable=False),
    Column("activated_at", BigInteger, nullable=False),
    Column("follows", Integer, nullable=False, unique=True),
)

"""Which tables does notify own? Portable between SQLite and PostgreSQL; instants are micros."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Computed,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    literal_column,
)

from schemas.states import ClockName, TicketState
from services.notify.domain.clocks import ClockState
from services.notify.domain.figures import BOUNDS
from stream.migrations import History
from stream.outbox import LedgerTables

ANSWER_CLOCKS = (ClockName.first_response.value, ClockName.next_response.value)
"""The clocks that an answer ends."""
BROKEN = len(BOUNDS) + 1
ANSWERS = 2 * BROKEN
"""So many classes of answer has each of the clocks."""


def _class_of_answer() -> str:
    """How many bounds of the answer time it exceeded, and ``BROKEN`` more if it broke the promise.

    And ``ANSWERS`` more for each clock before its own: one small number, or the index would hold
    the clock's name a million times. Null where a clock has no answer: it runs, was cancelled, or
    is ended by something else. The database keeps it, so that no write can leave it behind; with
    other bounds it is another table.
    """
    met, breached = ClockState.met.value, ClockState.breached.value
    clocks = " ".join(f"when '{name}' then {n * ANSWERS}" for n, name in enumerate(ANSWER_CLOCKS))
    exceeded = " + ".join(
        f"case when stopped_at - posted_at <= {bound // timedelta.resolution} then 0 else 1 end"
        for bound in BOUNDS.values()
    )
    return (
        f"case when state in ('{met}', '{breached}') then case clock {clocks} end "
        f"+ case state when '{met}' then 0 else {BROKEN} end + {exceeded} end"
    )


def _literally(value: str) -> ColumnElement[str]:
    """In the text of a statement: a plan made for any parameter uses no index of some rows."""
    return literal_column(f"'{value}'", String)


METADATA = MetaData()
HISTORY = History(
    service="notify", folder=Path(__file__).with_name("migrations"), metadata=METADATA
)
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
)
"""A case a row, with all that was announced of it: a tick reads as many rows as are due.

From ``source`` on is what reports alone count; ``corrected`` lists axes between blanks.
"""
NOT_CLOSED = TICKETS.c.state != _literally(TicketState.closed.value)
Index(
    "notify_tickets_open",
    *(TICKETS.c.brand, TICKETS.c.team, TICKETS.c.priority, TICKETS.c.opened_at),
    postgresql_where=NOT_CLOSED,
    sqlite_where=NOT_CLOSED,
)
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
    Column("answer", SmallInteger, Computed(_class_of_answer(), persisted=True)),
    Index("notify_clocks_started", "started_at"),
)
"""A verdict a row, for figures alone: no step reads them. The rest of a row says ``answer``."""
OPEN = CLOCKS.c.state == _literally(ClockState.open.value)
Index(
    "notify_clocks_open",
    CLOCKS.c.started_at,
    postgresql_where=OPEN,
    sqlite_where=OPEN,
)
Index(
    "notify_clocks_answers",
    *(CLOCKS.c[name] for name in ("brand", "team", "answer", "started_at")),
    postgresql_where=CLOCKS.c.answer.is_not(None),
    sqlite_where=CLOCKS.c.answer.is_not(None),
)
POSTS = Table(
    "notify_posts",
    METADATA,
    Column("id", String(36), primary_key=True),
    Column("revision", BigInteger, nullable=False),
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

"""The tables of the first release."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "notify_clocks",
        sa.Column("ticket", sa.String(length=36), nullable=False),
        sa.Column("clock", sa.String(length=20), nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("brand", sa.String(length=100), nullable=False),
        sa.Column("team", sa.String(length=100), nullable=False),
        sa.Column("priority", sa.String(length=20), nullable=False),
        sa.Column("target", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("posted_at", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("late_after", sa.BigInteger(), nullable=True),
        sa.Column("stopped_at", sa.BigInteger(), nullable=True),
        sa.Column("elapsed", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reached", sa.Double(), nullable=False),
        sa.Column(
            "answer",
            sa.SmallInteger(),
            sa.Computed(
                "case when state in ('met', 'breached') then case clock when 'first_response' then 0 when 'next_response' then 8 end + case state when 'met' then 0 else 4 end + case when stopped_at - posted_at <= 3600000000 then 0 else 1 end + case when stopped_at - posted_at <= 21600000000 then 0 else 1 end + case when stopped_at - posted_at <= 86400000000 then 0 else 1 end end",
                persisted=True,
            ),
            nullable=True,
        ),
        sa.PrimaryKeyConstraint("ticket", "clock", "cycle"),
    )
    op.create_index(
        "notify_clocks_answers",
        "notify_clocks",
        ["brand", "team", "answer", "started_at"],
        unique=False,
        postgresql_where=sa.text("answer IS NOT NULL"),
        sqlite_where=sa.text("answer IS NOT NULL"),
    )
    op.create_index(
        "notify_clocks_open",
        "notify_clocks",
        ["started_at"],
        unique=False,
        postgresql_where=sa.text("state = 'open'"),
        sqlite_where=sa.text("state = 'open'"),
    )
    op.create_index("notify_clocks_started", "notify_clocks", ["started_at"], unique=False)
    op.create_table(
        "notify_consumed",
        sa.Column("topic", sa.String(length=200), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("next_offset", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("topic", "partition"),
    )
    op.create_table(
        "notify_outbox",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("topic", sa.String(length=200), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("headers", sa.LargeBinary(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("event_id", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("event_id"),
    )
    op.create_index(
        op.f("ix_notify_outbox_partition"), "notify_outbox", ["partition"], unique=False
    )
    op.create_table(
        "notify_posts",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("brand", sa.String(length=100), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("topic", sa.String(length=40), nullable=False),
        sa.Column("tone", sa.String(length=20), nullable=False),
        sa.Column("disposition", sa.String(length=40), nullable=False),
        sa.Column("addressed", sa.Boolean(), nullable=False),
        sa.Column("asks", sa.Boolean(), nullable=False),
        sa.Column("many", sa.Boolean(), nullable=False),
        sa.Column("own", sa.Boolean(), nullable=False),
        sa.Column("ticket", sa.String(length=36), nullable=True),
        sa.Column("reply", sa.String(), nullable=True),
        sa.Column("checked", sa.String(), nullable=False),
        sa.Column("failed", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("notify_posts_at", "notify_posts", ["at"], unique=False)
    op.create_index("notify_posts_ticket", "notify_posts", ["ticket"], unique=False)
    op.create_table(
        "notify_sources",
        sa.Column("brand", sa.String(length=100), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("first_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("brand", "source"),
    )
    op.create_table(
        "notify_tickets",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("brand", sa.String(length=100), nullable=False),
        sa.Column("team", sa.String(length=100), nullable=False),
        sa.Column("priority", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("source", sa.String(length=40), server_default="", nullable=False),
        sa.Column("role", sa.String(length=20), server_default="", nullable=False),
        sa.Column("lang", sa.String(length=20), server_default="", nullable=False),
        sa.Column("topic", sa.String(length=40), server_default="", nullable=False),
        sa.Column("outcome", sa.String(length=20), server_default="", nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("spoke_at", sa.BigInteger(), nullable=True),
        sa.Column("spoke_last_at", sa.BigInteger(), nullable=True),
        sa.Column("handed_at", sa.BigInteger(), nullable=True),
        sa.Column("tone_before", sa.String(length=20), server_default="", nullable=False),
        sa.Column("tone_after", sa.String(length=20), server_default="", nullable=False),
        sa.Column("corrected", sa.String(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("notify_tickets_next", "notify_tickets", ["partition", "next_at"], unique=False)
    op.create_index(
        "notify_tickets_open",
        "notify_tickets",
        ["brand", "team", "priority", "opened_at"],
        unique=False,
        postgresql_where=sa.text("state != 'closed'"),
        sqlite_where=sa.text("state != 'closed'"),
    )
    op.create_index("notify_tickets_opened", "notify_tickets", ["opened_at"], unique=False)
    op.create_table(
        "notify_ticks",
        sa.Column("partition", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("received_before", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("partition"),
    )

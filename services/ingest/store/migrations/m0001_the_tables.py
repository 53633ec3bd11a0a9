"""The tables of the first release."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "ingest_cursors",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("cursor", sa.LargeBinary(), nullable=True),
        sa.Column("cursor_at", sa.BigInteger(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("leased_until", sa.Double(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        op.f("ix_ingest_cursors_due_at"),
        "ingest_cursors",
        ["due_at", "id"],
        unique=False,
        postgresql_where=sa.text("done_at IS NULL"),
        sqlite_where=sa.text("done_at IS NULL"),
    )
    op.create_table(
        "ingest_heard",
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source", "account", "what"),
    )
    op.create_table(
        "ingest_places",
        sa.Column("key", sa.String(length=700), nullable=False),
        sa.Column("conversation", sa.String(length=500), nullable=False),
        sa.Column("thread", sa.String(length=500), nullable=False),
        sa.Column("author_hash", sa.String(length=64), nullable=True),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index(
        op.f("ix_ingest_places_author_hash"), "ingest_places", ["author_hash"], unique=False
    )
    op.create_index(op.f("ix_ingest_places_seen_at"), "ingest_places", ["seen_at"], unique=False)
    op.create_table(
        "ingest_suppressions",
        sa.Column("author_hash", sa.String(length=64), nullable=False),
        sa.Column("requested_at", sa.BigInteger(), nullable=False),
        sa.Column("receipt_id", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("author_hash"),
        sa.UniqueConstraint("receipt_id"),
    )

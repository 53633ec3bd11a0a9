"""The tables of the first release."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "route_ack_links",
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("nonce"),
    )
    op.create_table(
        "route_alert_groups",
        sa.Column("key", sa.String(length=1000), nullable=False),
        sa.Column("identity", sa.String(length=1000), nullable=False),
        sa.Column("short", sa.String(length=22), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index(
        op.f("ix_route_alert_groups_opened_at"), "route_alert_groups", ["opened_at"], unique=False
    )
    op.create_index(
        op.f("ix_route_alert_groups_short"), "route_alert_groups", ["short"], unique=False
    )
    op.create_index(
        "route_alert_groups_due",
        "route_alert_groups",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("closed_at IS NULL"),
        sqlite_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(
        "route_alert_groups_open",
        "route_alert_groups",
        ["identity"],
        unique=True,
        postgresql_where=sa.text("closed_at IS NULL"),
        sqlite_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "route_alert_holds",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("follows", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("follows"),
    )
    op.create_table(
        "route_alert_intents",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("ticket", sa.String(length=36), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("went_to", sa.LargeBinary(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        op.f("ix_route_alert_intents_ticket"), "route_alert_intents", ["ticket"], unique=False
    )
    op.create_index(
        "route_alert_intents_waiting",
        "route_alert_intents",
        ["at", "id"],
        unique=False,
        postgresql_where=sa.text("done_at IS NULL"),
        sqlite_where=sa.text("done_at IS NULL"),
    )
    op.create_table(
        "route_alerts",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("group_key", sa.String(length=1000), nullable=False),
        sa.Column("base", sa.String(length=500), nullable=False),
        sa.Column("kind", sa.String(length=50), nullable=False),
        sa.Column("ticket", sa.String(length=36), nullable=False),
        sa.Column("left_at", sa.BigInteger(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_route_alerts_base"), "route_alerts", ["base"], unique=False)
    op.create_index(op.f("ix_route_alerts_group_key"), "route_alerts", ["group_key"], unique=False)
    op.create_index(op.f("ix_route_alerts_ticket"), "route_alerts", ["ticket"], unique=False)
    op.create_index(
        "route_alerts_open",
        "route_alerts",
        ["kind"],
        unique=False,
        postgresql_where=sa.text("left_at IS NULL"),
        sqlite_where=sa.text("left_at IS NULL"),
    )
    op.create_table(
        "route_audit",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("brand", sa.String(length=100), nullable=False),
        sa.Column("ticket", sa.String(length=36), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("correction", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index(op.f("ix_route_audit_ticket"), "route_audit", ["ticket"], unique=False)
    op.create_table(
        "route_consumed",
        sa.Column("topic", sa.String(length=200), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("next_offset", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("topic", "partition"),
    )
    op.create_table(
        "route_copies",
        sa.Column("brand", sa.String(length=100), nullable=False),
        sa.Column("fingerprint", sa.String(length=16), nullable=False),
        sa.Column("customer", sa.String(length=300), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("band0", sa.Integer(), nullable=False),
        sa.Column("band1", sa.Integer(), nullable=False),
        sa.Column("band2", sa.Integer(), nullable=False),
        sa.Column("band3", sa.Integer(), nullable=False),
        sa.Column("band4", sa.Integer(), nullable=False),
        sa.Column("band5", sa.Integer(), nullable=False),
        sa.Column("band6", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("brand", "fingerprint", "customer"),
    )
    op.create_index("route_copies_band0", "route_copies", ["brand", "band0"], unique=False)
    op.create_index("route_copies_band1", "route_copies", ["brand", "band1"], unique=False)
    op.create_index("route_copies_band2", "route_copies", ["brand", "band2"], unique=False)
    op.create_index("route_copies_band3", "route_copies", ["brand", "band3"], unique=False)
    op.create_index("route_copies_band4", "route_copies", ["brand", "band4"], unique=False)
    op.create_index("route_copies_band5", "route_copies", ["brand", "band5"], unique=False)
    op.create_index("route_copies_band6", "route_copies", ["brand", "band6"], unique=False)
    op.create_table(
        "route_deliveries",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("group_key", sa.String(length=1000), nullable=False),
        sa.Column("channel", sa.String(length=100), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("stored_at", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.String(length=50), nullable=True),
        sa.Column("receipt", sa.String(length=500), nullable=True),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("leased_until", sa.Double(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        op.f("ix_route_deliveries_due_at"),
        "route_deliveries",
        ["due_at", "id"],
        unique=False,
        postgresql_where=sa.text("done_at IS NULL"),
        sqlite_where=sa.text("done_at IS NULL"),
    )
    op.create_index(
        op.f("ix_route_deliveries_group_key"), "route_deliveries", ["group_key"], unique=False
    )
    op.create_table(
        "route_links",
        sa.Column("brand", sa.String(length=100), nullable=False),
        sa.Column("customer", sa.String(length=300), nullable=False),
        sa.Column("person", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("brand", "customer"),
    )
    op.create_index("route_links_person", "route_links", ["brand", "person"], unique=False)
    op.create_table(
        "route_moods",
        sa.Column("brand", sa.String(length=100), nullable=False),
        sa.Column("conversation", sa.String(length=500), nullable=False),
        sa.Column("posts", sa.Integer(), nullable=False),
        sa.Column("negative", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("brand", "conversation"),
    )
    op.create_table(
        "route_outbox",
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
    op.create_index(op.f("ix_route_outbox_partition"), "route_outbox", ["partition"], unique=False)
    op.create_table(
        "route_policy_versions",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("hash", sa.String(length=12), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("activated_at", sa.BigInteger(), nullable=False),
        sa.Column("follows", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("follows"),
    )
    op.create_index(
        op.f("ix_route_policy_versions_hash"), "route_policy_versions", ["hash"], unique=False
    )
    op.create_table(
        "route_posts",
        sa.Column("key", sa.String(length=500), nullable=False),
        sa.Column("parent_key", sa.String(length=500), nullable=True),
        sa.Column("thread", sa.String(length=500), nullable=False),
        sa.Column("conversation", sa.String(length=500), nullable=False),
        sa.Column("customer", sa.String(length=300), nullable=True),
        sa.Column("author_hash", sa.String(length=64), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index(
        op.f("ix_route_posts_author_hash"), "route_posts", ["author_hash"], unique=False
    )
    op.create_index(op.f("ix_route_posts_parent_key"), "route_posts", ["parent_key"], unique=False)
    op.create_index(op.f("ix_route_posts_thread"), "route_posts", ["thread"], unique=False)
    op.create_index(
        "route_posts_customer", "route_posts", ["conversation", "customer"], unique=False
    )
    op.create_table(
        "route_seen",
        sa.Column("event_id", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("event_id"),
    )
    op.create_table(
        "route_silences",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index(op.f("ix_route_silences_until"), "route_silences", ["until"], unique=False)
    op.create_table(
        "route_suppressions",
        sa.Column("author_hash", sa.String(length=64), nullable=False),
        sa.Column("requested_at", sa.BigInteger(), nullable=False),
        sa.Column("receipt_id", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("author_hash"),
    )
    op.create_table(
        "route_swaps",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("person", sa.String(length=200), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("instead", sa.String(length=200), nullable=True),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index(op.f("ix_route_swaps_until"), "route_swaps", ["until"], unique=False)
    op.create_table(
        "route_tickets",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("case_key", sa.String(length=1000), nullable=False),
        sa.Column("brand", sa.String(length=100), nullable=False),
        sa.Column("customer", sa.String(length=300), nullable=True),
        sa.Column("customer_hash", sa.String(length=64), nullable=True),
        sa.Column("episode", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("team", sa.String(length=100), nullable=False),
        sa.Column("owner", sa.String(length=200), nullable=True),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("told_at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_route_tickets_case_key"), "route_tickets", ["case_key"], unique=False)
    op.create_index(
        op.f("ix_route_tickets_changed_at"), "route_tickets", ["changed_at"], unique=False
    )
    op.create_index(
        op.f("ix_route_tickets_customer_hash"), "route_tickets", ["customer_hash"], unique=False
    )
    op.create_index(op.f("ix_route_tickets_state"), "route_tickets", ["state"], unique=False)
    op.create_index("route_tickets_customer", "route_tickets", ["brand", "customer"], unique=False)
    op.create_index("route_tickets_owner", "route_tickets", ["owner", "state"], unique=False)
    op.create_index(
        "route_tickets_told",
        "route_tickets",
        ["told_at"],
        unique=False,
        postgresql_where=sa.text("state != 'closed'"),
        sqlite_where=sa.text("state != 'closed'"),
    )
    op.create_table(
        "route_windows",
        sa.Column("brand", sa.String(length=100), nullable=False),
        sa.Column("topic", sa.String(length=50), nullable=False),
        sa.Column("lang", sa.String(length=35), nullable=False),
        sa.Column("bucket", sa.BigInteger(), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("brand", "topic", "lang", "bucket", "partition"),
    )

"""What Alembic runs for each command; the connection and all settings come from the caller."""

from alembic import context

attributes = context.config.attributes
context.configure(
    connection=attributes["connection"],
    target_metadata=attributes["metadata"],
    version_table=attributes["version_table"],
    include_name=attributes["is_ours"],
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()

"""${message}."""

import sqlalchemy as sa
from alembic import op

revision = "${up_revision}"
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    """Add it; a release before this one must still be able to write."""
    ${upgrades if upgrades else "pass"}

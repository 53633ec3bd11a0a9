"""What is the release after this one? This checkout, one optional field an event and a column more.

What it adds it also writes, so that the release before really meets it on every topic and row.
"""

import re
import shutil
from pathlib import Path

from tests.processes import ROOT

PACKAGES = ("schemas", "stream", "worktime", "services")
FIELD = "said_later"
VALUE = "of the next release"
REVISION = "9999"
WITH_STORE = {"ingest": "ingest_places", "route": "route_tickets", "notify": "notify_tickets"}
EVENTS = {
    "posts.py": "SocialPost",
    "classified.py": "ClassifiedPost",
    "decisions.py": "Decision",
    "tickets.py": "TicketEvent",
    "sla.py": "SlaChanged",
    "alerts.py": "AlertChanged",
}
_MIGRATION = '''"""A column that the release before does not know."""

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{before}"


def upgrade() -> None:
    """Add it; a release before this one must still be able to write."""
    op.add_column("{table}", sa.Column("{field}", sa.String(40), nullable=True))
'''


def made(folder: Path) -> Path:
    """The next release's checkout."""
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    for file, event in EVENTS.items():
        _field(folder / "schemas" / file, event)
    for service, table in WITH_STORE.items():
        _column(folder / f"services/{service}/store", table)
    settings = folder / "stream/settings.py"
    text = settings.read_text(encoding="utf-8")
    changed = re.sub(r'^VERSION = ".*"$', 'VERSION = "9.9.9"', text, flags=re.MULTILINE)
    assert changed != text
    settings.write_text(changed, encoding="utf-8")
    return folder


def _field(file: Path, event: str) -> None:
    """An optional field behind the docstring of an event, with a value in every new one."""
    text = file.read_text(encoding="utf-8")
    declared = rf'(class {event}\(.*?\n    """.*?"""\n)'
    line = rf'\1\n    {FIELD}: str | None = "{VALUE}"'
    changed, count = re.subn(declared, line, text, count=1, flags=re.DOTALL)
    assert count == 1, f"{file.name}: no {event}"
    file.write_text(changed, encoding="utf-8")


def _column(store: Path, table: str) -> None:
    """A column in the tables and a migration for it; what is written has it."""
    file = store / "tables.py"
    text = file.read_text(encoding="utf-8")
    default = f'    Column("{FIELD}", String(40), nullable=True, default="{VALUE}"),\n'
    changed = text.replace(
        f'    "{table}",\n    METADATA,\n', f'    "{table}",\n    METADATA,\n{default}'
    )
    assert changed != text, f"{file}: no {table}"
    file.write_text(changed, encoding="utf-8")
    before = max(one.name[1:5] for one in (store / "migrations").glob("m*.py"))
    migration = _MIGRATION.format(revision=REVISION, before=before, table=table, field=FIELD)
    (store / "migrations" / f"m{REVISION}_later.py").write_text(migration, encoding="utf-8")

"""Events name their account; the provider's events and books are read from a cursor.

Revises: 034_unavailable_since
"""

from pathlib import Path

from alembic import op

revision = "035_provider_books"
down_revision = "034_unavailable_since"
branch_labels = None
depends_on = None

SQL_FILE = Path(__file__).parents[2] / "db" / "sql" / "035_provider_books.sql"

_DOWN = """
drop table app.book_entries;
drop table app.provider_cursors;
alter table app.webhook_events drop column account;
"""


def upgrade() -> None:
    """Apply the change, with the rows that are there."""
    # A waiting migration blocks every query queued behind it: fail after 4 s and try again.
    op.execute("set local lock_timeout = '4s'")
    _run(SQL_FILE.read_text(encoding="utf-8"))


def downgrade() -> None:
    """Undo the change: the provider's books are forgotten, and can be read again."""
    op.execute("set local lock_timeout = '4s'")
    _run(_DOWN)


def _run(script: str) -> None:
    # Without parameters the driver sends the text unchanged: many statements, percent signs included.
    op.get_bind().exec_driver_sql(script, execution_options={"no_parameters": True})

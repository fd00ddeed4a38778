"""An address is proven by mail before its account signs in.

Revises: 038_sessions
"""

from pathlib import Path

from alembic import op

revision = "039_proven_addresses"
down_revision = "038_sessions"
branch_labels = None
depends_on = None

SQL_FILE = Path(__file__).parents[2] / "db" / "sql" / "039_proven_addresses.sql"

_DOWN = """
drop table app.one_time_tokens;
alter table app.profiles drop column email_proven_at;
"""


def upgrade() -> None:
    """Apply the change, with the rows that are there."""
    # A waiting migration blocks every query queued behind it: fail after 4 s and try again.
    op.execute("set local lock_timeout = '4s'")
    _run(SQL_FILE.read_text(encoding="utf-8"))


def downgrade() -> None:
    """Undo the change: every account can sign in, and links in emails are void."""
    op.execute("set local lock_timeout = '4s'")
    _run(_DOWN)


def _run(script: str) -> None:
    # Without parameters the driver sends the text unchanged: many statements, percent signs included.
    op.get_bind().exec_driver_sql(script, execution_options={"no_parameters": True})

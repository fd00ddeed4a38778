"""Accounts can have a second factor, and operators must.

Revises: 044_exports
"""

from pathlib import Path

from alembic import op

revision = "045_second_factor"
down_revision = "044_exports"
branch_labels = None
depends_on = None

SQL_FILE = Path(__file__).parents[2] / "db" / "sql" / "045_second_factor.sql"

_DOWN = """
drop table app.recovery_codes;
drop table app.totp_factors;
alter table app.sessions drop column aal;
"""


def upgrade() -> None:
    """Apply the change, with the rows that are there."""
    # A waiting migration blocks every query queued behind it: fail after 4 s and try again.
    op.execute("set local lock_timeout = '4s'")
    _run(SQL_FILE.read_text(encoding="utf-8"))


def downgrade() -> None:
    """Undo the change: accounts sign in with the password alone again."""
    op.execute("set local lock_timeout = '4s'")
    _run(_DOWN)


def _run(script: str) -> None:
    # Without parameters the driver sends the text unchanged: many statements, percent signs included.
    op.get_bind().exec_driver_sql(script, execution_options={"no_parameters": True})

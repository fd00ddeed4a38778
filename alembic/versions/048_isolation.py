"""Isolated jobs run in small batches, and deaths are counted apart from errors.

Revises: 047_seminar_rooms
"""

from pathlib import Path

from alembic import op

revision = "048_isolation"
down_revision = "047_seminar_rooms"
branch_labels = None
depends_on = None

SQL_FILE = Path(__file__).parents[2] / "db" / "sql" / "048_isolation.sql"

_DOWN = """
drop index app.jobs_isolated;
alter table app.jobs drop column batch_limit, drop column deaths;
"""


def upgrade() -> None:
    """Apply the change, with the rows that are there."""
    # A waiting migration blocks every query queued behind it: fail after 4 s and try again.
    op.execute("set local lock_timeout = '4s'")
    _run(SQL_FILE.read_text(encoding="utf-8"))


def downgrade() -> None:
    """Undo the change: isolated jobs run one by one, and deaths are forgotten."""
    op.execute("set local lock_timeout = '4s'")
    _run(_DOWN)


def _run(script: str) -> None:
    # Without parameters the driver sends the text unchanged: many statements, percent signs included.
    op.get_bind().exec_driver_sql(script, execution_options={"no_parameters": True})

"""Jobs are put back without counting an attempt while an external service is unavailable.

Revises: 033_sources_of_access
"""

from pathlib import Path

from alembic import op

revision = "034_unavailable_since"
down_revision = "033_sources_of_access"
branch_labels = None
depends_on = None

SQL_FILE = Path(__file__).parents[2] / "db" / "sql" / "034_unavailable_since.sql"

_DOWN = """
alter table app.jobs drop column unavailable_since;
"""


def upgrade() -> None:
    """Apply the change. Rows that are there have waited for no service."""
    # A waiting migration blocks every query queued behind it: fail after 4 s and try again.
    op.execute("set local lock_timeout = '4s'")
    _run(SQL_FILE.read_text(encoding="utf-8"))


def downgrade() -> None:
    """Undo the change: since when a service is unavailable is forgotten."""
    op.execute("set local lock_timeout = '4s'")
    _run(_DOWN)


def _run(script: str) -> None:
    # Without parameters the driver sends the text unchanged: many statements, percent signs included.
    op.get_bind().exec_driver_sql(script, execution_options={"no_parameters": True})

"""People get what is kept about them as an archive.

Revises: 039_proven_addresses
"""

from pathlib import Path

from alembic import op

revision = "044_exports"
down_revision = "039_proven_addresses"
branch_labels = None
depends_on = None

SQL_FILE = Path(__file__).parents[2] / "db" / "sql" / "044_exports.sql"

_DOWN = "drop table app.exports;"


def upgrade() -> None:
    """Apply the change, with the rows that are there."""
    # A waiting migration blocks every query queued behind it: fail after 4 s and try again.
    op.execute("set local lock_timeout = '4s'")
    _run(SQL_FILE.read_text(encoding="utf-8"))


def downgrade() -> None:
    """Undo the change: the archives are deleted, and can be asked for again."""
    op.execute("set local lock_timeout = '4s'")
    _run(_DOWN)


def _run(script: str) -> None:
    # Without parameters the driver sends the text unchanged: many statements, percent signs included.
    op.get_bind().exec_driver_sql(script, execution_options={"no_parameters": True})

"""The base schema: everything in `db/sql/026_subscription_core.sql`."""

from pathlib import Path

from alembic import op

revision = "026_subscription_core"
down_revision = None
branch_labels = None
depends_on = None

SQL_FILE = Path(__file__).parents[2] / "db" / "sql" / "026_subscription_core.sql"


def upgrade() -> None:
    """Run the file. It changes nothing if it was run by hand before."""
    # A waiting migration blocks every query queued behind it: fail after 4 s and try again.
    op.execute("set local lock_timeout = '4s'")
    # Without parameters the driver sends the file unchanged: many statements, percent signs included.
    op.get_bind().exec_driver_sql(SQL_FILE.read_text(encoding="utf-8"), execution_options={"no_parameters": True})


def downgrade() -> None:
    """Drop every table with its rows."""
    op.execute("set local lock_timeout = '4s'")
    op.execute("drop schema app cascade")

"""The base schema: everything in `db/sql/026_subscription_core.sql`."""

from pathlib import Path

from alembic import op

revision = "026_subscription_core"
down_revision = None
branch_labels = None
depends_on = None

SQL_FILE = Path(__file__).parents[2] / "db" / "sql" / "026_subscription_core.sql"


def upgrade() -> None:
    """Runs the file, which changes nothing where it was run by hand before."""
    # A migration that waits for a lock makes everyone behind it wait: give up and try again instead.
    op.execute("set local lock_timeout = '4s'")
    # Without parameters the driver sends the file as it is: many statements, percent signs left alone.
    op.get_bind().exec_driver_sql(SQL_FILE.read_text(encoding="utf-8"), execution_options={"no_parameters": True})


def downgrade() -> None:
    """Drops every table with its rows."""
    op.execute("set local lock_timeout = '4s'")
    op.execute("drop schema app cascade")

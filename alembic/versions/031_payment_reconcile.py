"""Outcomes of payments that are overdue are asked for at the provider.

Revises: 029_refunds_and_disputes
"""

from pathlib import Path

from alembic import op

revision = "031_payment_reconcile"
down_revision = "029_refunds_and_disputes"
branch_labels = None
depends_on = None

SQL_FILE = Path(__file__).parents[2] / "db" / "sql" / "031_payment_reconcile.sql"

_DOWN = """
drop index app.payments_processing;
drop index app.checkouts_open_until;
alter table app.checkouts drop column asked_at;
"""


def upgrade() -> None:
    """Apply the change, with the rows that are there."""
    # A waiting migration blocks every query queued behind it: fail after 4 s and try again.
    op.execute("set local lock_timeout = '4s'")
    _run(SQL_FILE.read_text(encoding="utf-8"))


def downgrade() -> None:
    """Undo the change: when the provider was asked is forgotten."""
    op.execute("set local lock_timeout = '4s'")
    _run(_DOWN)


def _run(script: str) -> None:
    # Without parameters the driver sends the text unchanged: many statements, percent signs included.
    op.get_bind().exec_driver_sql(script, execution_options={"no_parameters": True})

"""Jobs keep what caused them, and many jobs or events can be replayed by filter.

Revises: 035_provider_books
"""

from pathlib import Path

from alembic import op

revision = "037_job_causes"
down_revision = "035_provider_books"
branch_labels = None
depends_on = None

SQL_FILE = Path(__file__).parents[2] / "db" / "sql" / "037_job_causes.sql"

_DOWN = """
drop table app.replays;
drop index app.webhook_events_subject;
drop index app.jobs_cause;
alter table app.jobs drop column cause_id;
"""


def upgrade() -> None:
    """Apply the change, with the rows that are there."""
    # A waiting migration blocks every query queued behind it: fail after 4 s and try again.
    op.execute("set local lock_timeout = '4s'")
    _run(SQL_FILE.read_text(encoding="utf-8"))


def downgrade() -> None:
    """Undo the change: the causes of jobs and the history of replays are forgotten."""
    op.execute("set local lock_timeout = '4s'")
    _run(_DOWN)


def _run(script: str) -> None:
    # Without parameters the driver sends the text unchanged: many statements, percent signs included.
    op.get_bind().exec_driver_sql(script, execution_options={"no_parameters": True})

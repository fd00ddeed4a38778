"""Rooms of seminars: reminders, who leads, and who came.

Revises: 046_seminar_seats
"""

from pathlib import Path

from alembic import op

revision = "047_seminar_rooms"
down_revision = "046_seminar_seats"
branch_labels = None
depends_on = None

SQL_FILE = Path(__file__).parents[2] / "db" / "sql" / "047_seminar_rooms.sql"

_DOWN = """
alter table app.attendance drop column participant_sid;
drop table app.seminar_roles;
alter table app.seminars drop column reminded_day, drop column reminded_hour;
"""


def upgrade() -> None:
    """Apply the change, with the rows that are there."""
    # A waiting migration blocks every query queued behind it: fail after 4 s and try again.
    op.execute("set local lock_timeout = '4s'")
    _run(SQL_FILE.read_text(encoding="utf-8"))


def downgrade() -> None:
    """Undo the change: who leads is forgotten."""
    op.execute("set local lock_timeout = '4s'")
    _run(_DOWN)


def _run(script: str) -> None:
    # Without parameters the driver sends the text unchanged: many statements, percent signs included.
    op.get_bind().exec_driver_sql(script, execution_options={"no_parameters": True})

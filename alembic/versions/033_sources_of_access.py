"""An enrollment for each source of access: an order item, a gift or a membership.

Revises: 032_asked_refunds
"""

from pathlib import Path

from alembic import op

revision = "033_sources_of_access"
down_revision = "032_asked_refunds"
branch_labels = None
depends_on = None

SQL_FILE = Path(__file__).parents[2] / "db" / "sql" / "033_sources_of_access.sql"

# One enrollment stays for each profile and course: an active one before a revoked one, then the oldest.
_DOWN = """
delete from app.enrollments where id in (
    select id
    from (select id, row_number() over (partition by profile_id, course_id order by state, granted_at, id) as rank
          from app.enrollments) ranked
    where rank > 1
);
alter table app.enrollments
    drop constraint enrollments_one_source,
    drop constraint enrollments_purchase,
    drop constraint enrollments_profile_id_course_id_purchase_number_key,
    drop column gift_id,
    drop column subscription_id,
    drop column purchase_number,
    add constraint enrollments_profile_id_course_id_key unique (profile_id, course_id);
drop table app.gifts;
"""


def upgrade() -> None:
    """Apply the change, with the rows that are there."""
    # A waiting migration blocks every query queued behind it: fail after 4 s and try again.
    op.execute("set local lock_timeout = '4s'")
    _run(SQL_FILE.read_text(encoding="utf-8"))


def downgrade() -> None:
    """Undo the change: gifts become enrollments without an order item, and those that wait are forgotten."""
    op.execute("set local lock_timeout = '4s'")
    _run(_DOWN)


def _run(script: str) -> None:
    # Without parameters the driver sends the text unchanged: many statements, percent signs included.
    op.get_bind().exec_driver_sql(script, execution_options={"no_parameters": True})

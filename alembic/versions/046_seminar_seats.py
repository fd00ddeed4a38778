"""Seats at seminars that can be bought, offered and given.

Revises: 045_second_factor
"""

from pathlib import Path

from alembic import op

revision = "046_seminar_seats"
down_revision = "045_second_factor"
branch_labels = None
depends_on = None

SQL_FILE = Path(__file__).parents[2] / "db" / "sql" / "046_seminar_seats.sql"

_DOWN = """
alter table app.refunds
    drop constraint refunds_requested_as_check;
update app.refunds set requested_as = 'admin' where requested_as = 'system';
alter table app.refunds
    add constraint refunds_requested_as_check check (requested_as in ('buyer', 'teacher', 'admin'));
drop trigger seminar_seats_count on app.seminar_seats;
drop function app.count_seats();
update app.seminar_seats set state = 'waitlisted' where state = 'offered';
drop index app.seminar_seats_lapsing, app.seminar_seats_waiting;
alter table app.seminar_seats
    drop constraint seminar_seats_order_check,
    drop constraint seminar_seats_given_check,
    drop constraint seminar_seats_until_check,
    drop constraint seminar_seats_state_check,
    drop column source,
    add constraint seminar_seats_state_check check (state in ('waitlisted', 'held', 'confirmed', 'released')),
    add constraint seminar_seats_check check (state <> 'held' or held_until is not null);
drop table app.seminar_bans;
drop table app.seminar_guests;
drop index app.seminars_course, app.seminars_series, app.seminars_unclosed;
alter table app.seminars
    drop constraint seminars_not_oversold,
    drop column course_id, drop column series_id, drop column refund_days,
    drop column published_at, drop column opened_at, drop column closed_at, drop column cancelled_at,
    drop column summary, drop column seats_taken;
"""


def upgrade() -> None:
    """Apply the change, with the rows that are there."""
    # A waiting migration blocks every query queued behind it: fail after 4 s and try again.
    op.execute("set local lock_timeout = '4s'")
    _run(SQL_FILE.read_text(encoding="utf-8"))


def downgrade() -> None:
    """Undo the change: seats are no longer counted, and what was offered waits again."""
    op.execute("set local lock_timeout = '4s'")
    _run(_DOWN)


def _run(script: str) -> None:
    # Without parameters the driver sends the text unchanged: many statements, percent signs included.
    op.get_bind().exec_driver_sql(script, execution_options={"no_parameters": True})

"""Refunds that are asked for: their terms, their lines, who asked, and what a learner has completed.

Revises: 031_payment_reconcile
"""

from pathlib import Path

from alembic import op

revision = "032_asked_refunds"
down_revision = "031_payment_reconcile"
branch_labels = None
depends_on = None

SQL_FILE = Path(__file__).parents[2] / "db" / "sql" / "032_asked_refunds.sql"

# The old rules know one email for each order and no email about a failed refund.
_DOWN = """
delete from app.mail_messages where template = 'refund_failed' and state <> 'sent';
update app.mail_messages
set dedupe_key = 'refunded:' || (params ->> 'order_id')
where id in (select distinct on (params ->> 'order_id') id from app.mail_messages
             where template = 'refunded' order by params ->> 'order_id', id);
create or replace view app.service_orders with (security_invoker = true) as
    select i.id, i.order_id, o.profile_id, i.service_id, i.title, i.quantity, i.unit_amount, o.currency,
           case when o.state in ('refunded', 'disputed') then o.state when i.fulfilled_at is null then 'pending'
                else 'booked' end as state,
           i.fulfilled_at as booked_at
    from app.order_items i
    join app.orders o on o.id = i.order_id
    where i.service_id is not null and o.state in ('paid', 'fulfilled', 'refunded', 'disputed');
drop table app.lesson_completions;
drop table app.refund_items;
alter table app.refunds
    drop column failure, drop column finding_id, drop column requested_as, drop column requested_by;
alter table app.payments drop column accepted_at;
alter table app.order_items
    drop column refunded_at, drop column refund_max_progress, drop column refund_days;
alter table app.services drop column refund_days;
alter table app.courses drop column refund_max_progress, drop column refund_days;
"""


def upgrade() -> None:
    """Apply the change, with the rows that are there."""
    # A waiting migration blocks every query queued behind it: fail after 4 s and try again.
    op.execute("set local lock_timeout = '4s'")
    _run(SQL_FILE.read_text(encoding="utf-8"))


def downgrade() -> None:
    """Undo the change: refunds stay, without who asked and for which lines."""
    op.execute("set local lock_timeout = '4s'")
    _run(_DOWN)


def _run(script: str) -> None:
    # Without parameters the driver sends the text unchanged: many statements, percent signs included.
    op.get_bind().exec_driver_sql(script, execution_options={"no_parameters": True})

"""Refunds and disputes are stored as the provider tells them; a disputed order has a state of its own.

Revises: 028_free_orders
"""

from pathlib import Path

from alembic import op

revision = "029_refunds_and_disputes"
down_revision = "028_free_orders"
branch_labels = None
depends_on = None

SQL_FILE = Path(__file__).parents[2] / "db" / "sql" / "029_refunds_and_disputes.sql"

# Facts about payments that are still unknown cannot be kept.
_DOWN = """
create or replace view app.service_orders with (security_invoker = true) as
    select i.id, i.order_id, o.profile_id, i.service_id, i.title, i.quantity, i.unit_amount, o.currency,
           case when o.state = 'refunded' then 'refunded' when i.fulfilled_at is null then 'pending'
                else 'booked' end as state,
           i.fulfilled_at as booked_at
    from app.order_items i
    join app.orders o on o.id = i.order_id
    where i.service_id is not null and o.state in ('paid', 'fulfilled', 'refunded');
alter table app.orders drop constraint orders_state_check;
update app.orders set state = 'refunded' where state = 'disputed';
alter table app.orders add constraint orders_state_check
    check (state in ('pending', 'processing', 'paid', 'fulfilled', 'cancelled', 'expired', 'refunded'));
delete from app.refunds where payment_id is null;
alter table app.refunds alter column payment_id set not null;
alter table app.refunds drop column provider_payment_id;
delete from app.disputes where payment_id is null;
alter table app.disputes alter column payment_id set not null;
alter table app.disputes drop column provider_payment_id;
"""


def upgrade() -> None:
    """Apply the change, with the rows that are there."""
    # A waiting migration blocks every query queued behind it: fail after 4 s and try again.
    op.execute("set local lock_timeout = '4s'")
    _run(SQL_FILE.read_text(encoding="utf-8"))


def downgrade() -> None:
    """Undo the change: disputed orders become refunded ones."""
    op.execute("set local lock_timeout = '4s'")
    _run(_DOWN)


def _run(script: str) -> None:
    # Without parameters the driver sends the text unchanged: many statements, percent signs included.
    op.get_bind().exec_driver_sql(script, execution_options={"no_parameters": True})

"""Findings hold what a person must look at; the states `review` of orders and payments go.

Revises: 026_subscription_core
"""

from pathlib import Path

from alembic import op

revision = "027_findings"
down_revision = "026_subscription_core"
branch_labels = None
depends_on = None

SQL_FILE = Path(__file__).parents[2] / "db" / "sql" / "027_findings.sql"

_DOWN = """
alter table app.orders add column review_reason text check (length(review_reason) <= 200);
alter table app.orders drop constraint orders_state_check;
alter table app.orders add constraint orders_state_check
    check (state in ('pending', 'processing', 'paid', 'fulfilled', 'review', 'cancelled', 'expired', 'refunded'));
update app.orders o
set state = 'review', review_reason = replace(f.kind, '_', ' ')
from app.findings f
where f.order_id = o.id and f.closed_at is null;
alter table app.orders add constraint orders_check check ((state = 'review') = (review_reason is not null));
alter table app.payments drop constraint payments_state_check;
alter table app.payments add constraint payments_state_check
    check (state in ('processing', 'succeeded', 'failed', 'review'));
update app.payments p set state = 'review'
where exists (select from app.findings f where f.subject_id = p.id and f.closed_at is null);
drop table app.findings;
create or replace view app.service_orders with (security_invoker = true) as
    select i.id, i.order_id, o.profile_id, i.service_id, i.title, i.quantity, i.unit_amount, o.currency,
           case when o.state = 'refunded' then 'refunded' when i.fulfilled_at is null then 'pending'
                else 'booked' end as state,
           i.fulfilled_at as booked_at
    from app.order_items i
    join app.orders o on o.id = i.order_id
    where i.service_id is not null and o.state in ('paid', 'fulfilled', 'review', 'refunded');
"""


def upgrade() -> None:
    """Apply the change, with the rows that are there."""
    # A waiting migration blocks every query queued behind it: fail after 4 s and try again.
    op.execute("set local lock_timeout = '4s'")
    _run(SQL_FILE.read_text(encoding="utf-8"))


def downgrade() -> None:
    """Undo the change: orders with an open finding go back to review."""
    op.execute("set local lock_timeout = '4s'")
    _run(_DOWN)


def _run(script: str) -> None:
    # Without parameters the driver sends the text unchanged: many statements, percent signs included.
    op.get_bind().exec_driver_sql(script, execution_options={"no_parameters": True})

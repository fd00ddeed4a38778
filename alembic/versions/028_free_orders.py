"""An order may be free: its total is 0.

Revises: 027_findings
"""

from pathlib import Path

from alembic import op

revision = "028_free_orders"
down_revision = "027_findings"
branch_labels = None
depends_on = None

SQL_FILE = Path(__file__).parents[2] / "db" / "sql" / "028_free_orders.sql"

# Free orders stay: they have items and enrollments. The check then holds for new rows only. An unfulfilled free order
# could not be updated any more, so its buyer would never get the items.
_DOWN = """
do $$
begin
    alter table app.orders drop constraint orders_total_amount_check;
    alter table app.orders add constraint orders_total_amount_check
        check (total_amount between 1 and 99999999) not valid;
    if exists (select from app.orders where total_amount = 0 and state = 'paid') then
        raise exception 'free orders are not fulfilled yet: let orders.fulfil finish, then run this again';
    end if;
    if not exists (select from app.orders where total_amount = 0) then
        alter table app.orders validate constraint orders_total_amount_check;
    end if;
end
$$;
"""


def upgrade() -> None:
    """Apply the change, with the rows that are there."""
    # A waiting migration blocks every query queued behind it: fail after 4 s and try again.
    op.execute("set local lock_timeout = '4s'")
    _run(SQL_FILE.read_text(encoding="utf-8"))


def downgrade() -> None:
    """Undo the change; free orders stay. Raises DatabaseError if one is not fulfilled yet."""
    op.execute("set local lock_timeout = '4s'")
    _run(_DOWN)


def _run(script: str) -> None:
    # Without parameters the driver sends the text unchanged: many statements, percent signs included.
    op.get_bind().exec_driver_sql(script, execution_options={"no_parameters": True})

"""Rules about purchases that hold whenever no job is due."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.maintenance.check import violations

# A payment covers its order while its money is here: neither on its way back nor disputed.
_BROKEN_WHEN_QUIET = text("""
with covered as (
    select distinct o.id
    from app.orders o
    join app.payments p on p.order_id = o.id
    where p.state = 'succeeded' and p.amount = o.total_amount and p.currency = o.currency
      and p.amount > coalesce((select sum(r.amount) from app.refunds r
                               where r.provider_payment_id = p.provider_payment_id
                                 and r.state in ('pending', 'succeeded')), 0)
      and not exists (select from app.disputes d
                      where d.provider_payment_id = p.provider_payment_id and d.state in ('open', 'lost'))
    union
    select id from app.orders where total_amount = 0
),
entitled as (
    select i.order_id, e.id, e.order_item_id
    from app.enrollments e join app.order_items i on i.id = e.order_item_id
    where e.state = 'active'
)
select 'access without a covering payment: order ' || order_id
from entitled where order_id not in (select id from covered)
union all
select 'two entitlements of one order item ' || order_item_id
from entitled group by order_item_id having count(*) > 1
union all
select 'paid for and not fulfilled: order ' || o.id || ' is ' || o.state
from app.orders o
where o.id in (select id from covered) and o.state not in ('fulfilled', 'cancelled')
union all
select 'paid for, without access: order ' || o.id
from app.orders o
join app.order_items i on i.order_id = o.id
where o.id in (select id from covered) and o.state = 'fulfilled' and i.course_id is not null
  and not exists (select from app.enrollments e
                  where e.profile_id = o.profile_id and e.course_id = i.course_id and e.state = 'active')
union all
select 'a finding does not name its order: ' || f.kind
from app.findings f
join (select id, provider_payment_id from app.refunds union all select id, provider_payment_id from app.disputes) m
    on m.id = f.subject_id
join app.payments p on p.provider_payment_id = m.provider_payment_id and p.state = 'succeeded'
where f.order_id is null
""")


def broken_rules(session: Session) -> Sequence[str]:
    """What is wrong with the purchases of the whole database; no job may be due."""
    found = [f"{name}: {times}" for name, times in violations(session, grace_seconds=0).items()]
    return [*found, *session.scalars(_BROKEN_WHEN_QUIET)]


# Jobs may be due.
_BROKEN_AT_ANY_TIME = text("""
select 'two entitlements of one order item ' || order_item_id
from app.enrollments where state = 'active' and order_item_id is not null
group by order_item_id having count(*) > 1
union all
select 'access that was never paid for: enrollment ' || e.id
from app.enrollments e
join app.order_items i on i.id = e.order_item_id
join app.orders o on o.id = i.order_id
where o.total_amount > 0
  and not exists (select from app.payments p where p.order_id = o.id and p.state = 'succeeded'
                  and p.amount = o.total_amount and p.currency = o.currency)
union all
select 'two open checkouts: order ' || order_id
from app.checkouts where closed_at is null group by order_id having count(*) > 1
union all
select 'two receipts: order ' || (params ->> 'order_id')
from app.mail_messages where template = 'receipt' group by params ->> 'order_id' having count(*) > 1
""")


def rules_at_any_time(session: Session) -> Sequence[str]:
    """As `broken_rules`, where jobs may still be due."""
    return list(session.scalars(_BROKEN_AT_ANY_TIME))

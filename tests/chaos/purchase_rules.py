"""Rules about purchases that hold whenever no job is due."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.maintenance.check import violations

# A payment covers its order while its money is here: neither on its way back nor disputed. An erased buyer is given
# nothing more.
_BROKEN_WHEN_QUIET = text("""
with covered as (
    select distinct o.id
    from app.orders o
    join app.payments p on p.order_id = o.id
    where p.state = 'succeeded'
      and (p.accepted_at is not null or (p.amount = o.total_amount and p.currency = o.currency))
      and p.amount > coalesce((select sum(r.amount) from app.refunds r
                               where r.provider_payment_id = p.provider_payment_id
                                 and r.state in ('requested', 'pending', 'succeeded')), 0)
      and not exists (select from app.disputes d
                      where d.provider_payment_id = p.provider_payment_id and d.state in ('open', 'lost'))
    union
    select id from app.orders where total_amount = 0
),
given_back as (
    select i.id
    from app.order_items i
    join app.refund_items l on l.order_item_id = i.id
    join app.refunds r on r.id = l.refund_id and r.state in ('requested', 'pending', 'succeeded')
    group by i.id having sum(l.amount) >= i.unit_amount * i.quantity
),
entitled as (
    select i.order_id, e.id, e.order_item_id
    from app.enrollments e join app.order_items i on i.id = e.order_item_id
    where e.state = 'active'
)
select 'access without a covering payment: order ' || order_id
from entitled where order_id not in (select id from covered)
union all
select 'access to a line that was given back: order ' || order_id
from entitled where order_item_id in (select id from given_back)
union all
select 'two entitlements of one order item ' || order_item_id
from entitled group by order_item_id having count(*) > 1
union all
select 'paid for and not fulfilled: order ' || o.id || ' is ' || o.state
from app.orders o
join app.profiles b on b.id = o.profile_id and b.erased_at is null
where o.id in (select id from covered) and o.state not in ('fulfilled', 'cancelled')
union all
select 'paid for, without access: order ' || o.id
from app.orders o
join app.order_items i on i.order_id = o.id
where o.id in (select id from covered) and o.state = 'fulfilled' and i.course_id is not null
  and i.id not in (select id from given_back)
  and not exists (select from app.enrollments e where e.order_item_id = i.id and e.state = 'active')
union all
select 'a gift without access: ' || g.id
from app.gifts g
join app.profiles p on p.email = g.email and p.erased_at is null
where g.withdrawn_at is null
  and not exists (select from app.enrollments e where e.gift_id = g.id and e.profile_id = p.id and e.state = 'active')
union all
select 'access by a withdrawn gift: ' || g.id
from app.gifts g join app.enrollments e on e.gift_id = g.id and e.state = 'active'
where g.withdrawn_at is not null
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
                  and (p.accepted_at is not null or (p.amount = o.total_amount and p.currency = o.currency)))
union all
select 'two open checkouts: order ' || order_id
from app.checkouts where closed_at is null group by order_id having count(*) > 1
union all
select 'two receipts: order ' || (params ->> 'order_id')
from app.mail_messages where template = 'receipt' and params ? 'order_id'
group by params ->> 'order_id' having count(*) > 1
""")


def rules_at_any_time(session: Session) -> Sequence[str]:
    """As `broken_rules`, where jobs may still be due."""
    return list(session.scalars(_BROKEN_AT_ANY_TIME))

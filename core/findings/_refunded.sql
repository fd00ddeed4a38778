-- The refund that answers the finding has succeeded.
select c.id, 'refunded' as resolution
from candidate c
join app.refunds r on r.finding_id = c.id and r.state = 'succeeded'
union all
-- The payment in question was given back whole; of several, all but one.
select c.id, 'refunded'
from candidate c
cross join lateral (select id, order_id from app.payments where id = c.subject_id limit 1) own
where c.kind in ('second_payment', 'payment_mismatch', 'closed_order_paid', 'erased_buyer_paid')
  and (select count(*)
       from app.payments p
       where p.order_id = own.order_id and p.state = 'succeeded' and (c.kind = 'second_payment' or p.id = own.id)
         and (p.amount = 0
              or p.amount > coalesce((select sum(r.amount) from app.refunds r
                                      where r.provider_payment_id = p.provider_payment_id and r.state = 'succeeded'), 0))
         and not exists (select from app.disputes d
                         where d.provider_payment_id = p.provider_payment_id and d.state = 'lost')
      ) <= case when c.kind = 'second_payment' then 1 else 0 end
union all
-- All money of the payment of a failed refund was given back by others.
select c.id, 'refunded'
from candidate c
join app.refunds failed on failed.id = c.subject_id
cross join lateral (
    select provider_payment_id, amount from app.payments
    where provider = 'stripe' and provider_payment_id = failed.provider_payment_id limit 1
) p
where c.kind = 'refund_failed'
  and p.amount <= (select sum(r.amount) from app.refunds r
                   where r.provider_payment_id = p.provider_payment_id and r.state = 'succeeded')
union all
-- All money of the payment that a warning is about was given back.
select c.id, 'refunded'
from candidate c
cross join lateral (
    select provider_payment_id, amount from app.payments
    where provider = 'stripe' and provider_payment_id = c.payment limit 1
) p
where c.kind = 'fraud_warning'
  and p.amount <= (select sum(r.amount) from app.refunds r
                   where r.provider_payment_id = p.provider_payment_id and r.state = 'succeeded')

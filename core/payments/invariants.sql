select 'paid order without its payment' as invariant, count(*) as violations
from app.orders o
where o.state in ('paid', 'fulfilled')
  and not exists (select from app.payments p where p.order_id = o.id and p.state = 'succeeded'
                  and p.amount = o.total_amount and p.currency = o.currency)
union all
select 'order paid twice', count(*)
from (select order_id from app.payments where state = 'succeeded' group by order_id having count(*) > 1) twice
union all
select 'refunds over the payment', count(*)
from (select r.payment_id from app.refunds r join app.payments p on p.id = r.payment_id where r.state = 'succeeded'
      group by r.payment_id, p.amount having sum(r.amount) > p.amount) over_refunded

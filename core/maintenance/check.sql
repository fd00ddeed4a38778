-- What must never be, counted. Nothing younger than :grace seconds is held against anybody: work may be under way.
select 'webhook event forgotten' as invariant, count(*) as violations
from app.webhook_events e
where e.state = 'received' and e.received_at < now() - make_interval(secs => :grace)
  and not exists (select from app.jobs j where j.kind = 'webhooks.process' and j.state in ('pending', 'dispatched')
                  and j.payload ->> 'event_id' = cast(e.id as text))
union all
select 'paid order left unfulfilled', count(*)
from app.orders o
where o.state = 'paid' and o.paid_at < now() - make_interval(secs => :grace)
  and not exists (select from app.jobs j where j.kind = 'orders.fulfil' and j.state in ('pending', 'dispatched')
                  and j.payload ->> 'order_id' = cast(o.id as text))
union all
select 'fulfilled order without its enrollment', count(*)
from app.orders o
join app.order_items i on i.order_id = o.id
where o.state = 'fulfilled' and i.course_id is not null and o.fulfilled_at < now() - make_interval(secs => :grace)
  and not exists (select from app.enrollments e where e.order_item_id = i.id)
union all
select 'fulfilled order without its booked service', count(*)
from app.orders o
join app.order_items i on i.order_id = o.id
where o.state = 'fulfilled' and i.service_id is not null and i.fulfilled_at is null
union all
select 'enrollment without a paid order', count(*)
from app.enrollments e
join app.order_items i on i.id = e.order_item_id
join app.orders o on o.id = i.order_id
where e.state = 'active' and o.state not in ('paid', 'fulfilled', 'review')
union all
select 'paid order without its payment', count(*)
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
union all
select 'seats over capacity', count(*)
from (select s.seminar_id from app.seminar_seats s join app.seminars m on m.id = s.seminar_id
      where s.state in ('held', 'confirmed') group by s.seminar_id, m.capacity having count(*) > m.capacity) oversold
union all
select 'fulfilled order without its receipt', count(*)
from app.orders o
where o.state = 'fulfilled' and not exists (select from app.mail_messages m where m.dedupe_key = 'receipt:' || o.id)
union all
select 'state change without its audit entry', count(*)
from app.orders o
cross join lateral (values ('stripe:order:paid'), ('orders:order:fulfilled')) as change (tag)
where o.state = 'fulfilled'
  and not exists (select from app.audit_events a where a.subject_id = o.id and a.tag = change.tag)
union all
select 'job neither due, leased nor waiting', count(*)
from app.jobs j
where (j.state = 'dispatched' and j.lease_until < now() - make_interval(secs => :grace))
   or (j.state = 'pending' and j.run_at < now() - make_interval(secs => :grace)
       and not exists (select from app.job_kinds k where k.kind = j.kind and k.paused_at is not null))

-- Younger than :grace seconds is not counted: its job may still run. Emails from before :mails_since may be deleted.
with
-- include maintenance/_changed
select 'paid order left unfulfilled' as invariant, count(*) as violations
from changed c
join app.orders o on o.id = c.id
where o.state = 'paid' and o.paid_at < now() - make_interval(secs => :grace)
  and not exists (select from app.jobs j where j.kind = 'orders.fulfil' and j.state in ('pending', 'dispatched')
                  and j.payload ->> 'order_id' = cast(o.id as text))
  and not exists (select from app.profiles p
                  where p.id = o.profile_id and p.erased_at is not null
                    and (o.total_amount = 0 or exists (select from app.findings f
                                                       where f.order_id = o.id and f.kind = 'erased_buyer_paid')))
union all
select 'fulfilled order without its booked service', count(*)
from changed c
join app.orders o on o.id = c.id
join app.order_items i on i.order_id = o.id
where o.state = 'fulfilled' and i.service_id is not null and i.fulfilled_at is null
union all
select 'fulfilled order without its receipt', count(*)
from changed c
join app.orders o on o.id = c.id
where o.state = 'fulfilled' and o.fulfilled_at > cast(:mails_since as timestamptz)
  and not exists (select from app.mail_messages m where m.dedupe_key = 'receipt:' || o.id)
union all
select 'state change without its audit entry', count(*)
from changed c
join app.orders o on o.id = c.id
-- An order over nothing was paid by itself, or by a checkout over nothing.
cross join lateral (values (array[case when o.total_amount = 0 then 'orders:order:paid' end,
                                  case when o.total_amount > 0
                                            or exists (select from app.payments p where p.order_id = o.id)
                                       then 'stripe:order:paid' end,
                                  'payments:order:accepted']),
                           (array['orders:order:fulfilled'])) as change (tags)
where o.state = 'fulfilled'
  and not exists (select from app.audit_events a where a.subject_id = o.id and a.tag = any (change.tags))

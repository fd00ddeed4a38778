-- Nothing younger than :grace seconds counts: work may be under way.
with
-- include maintenance/_changed
select 'refunds over the payment' as invariant, count(*) as violations
from (select r.payment_id
      from changed c
      join app.payments p on p.order_id = c.id
      join app.refunds r on r.payment_id = p.id
      where r.state = 'succeeded'
      group by r.payment_id, p.amount having sum(r.amount) > p.amount) over_refunded
union all
select 'requested refund without its job', count(*)
from app.refunds r
where r.id >= cast(:since as uuid) and r.state = 'requested' and r.created_at < now() - make_interval(secs => :grace)
  and not exists (select from app.jobs j where j.kind = 'refunds.create' and j.state in ('pending', 'dispatched', 'dead')
                  and j.payload ->> 'refund_id' = cast(r.id as text))
union all
select 'line given back and still given', count(*)
from changed c
join app.order_items i on i.order_id = c.id
join app.enrollments e on e.order_item_id = i.id
where e.state = 'active' and i.refunded_at < now() - make_interval(secs => :grace)

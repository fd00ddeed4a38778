-- A finding that a refund had closed comes back when that refund fails. The refund of any of an order's payments closes
-- the finding about its second payment.
refund_failed as materialized (
    select r.finding_id, r.updated_at, p.id as payment_id, o.id as order_id
    from locked o
    join app.payments p on p.order_id = o.id
    join app.refunds r on r.provider_payment_id = p.provider_payment_id
    where r.state = 'failed'
),
to_open as (
    select distinct on (f.kind, f.subject_id) f.kind, f.subject_id, f.order_id, f.details
    from refund_failed r
    join app.findings f
        on f.id = r.finding_id or f.subject_id = r.payment_id
           or (f.order_id = r.order_id and f.kind = 'second_payment')
    where f.resolution = 'refunded' and f.closed_at <= r.updated_at
      and not exists (select from app.findings later
                      where later.kind = f.kind and later.subject_id = f.subject_id and later.opened_at > f.closed_at)
    order by f.kind, f.subject_id
),
-- include findings/_opened

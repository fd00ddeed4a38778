-- The buyer is told of each refund once, when it has succeeded or failed. A finding that a refund had closed comes back
-- when that refund fails.
refund_ended as materialized (
    select r.id, r.state, r.finding_id, r.updated_at, p.id as payment_id, o.id as order_id, o.profile_id
    from locked o
    join app.payments p on p.order_id = o.id
    join app.refunds r on r.provider_payment_id = p.provider_payment_id
    where r.state in ('succeeded', 'failed')
),
refund_email as (
    insert into app.mail_messages (dedupe_key, template, profile_id, params)
    select 'refunded:' || id, 'refunded', profile_id, jsonb_build_object('order_id', order_id, 'refund_id', id)
    from refund_ended
    where state = 'succeeded'
    union all
    select 'refund_failed:' || id, 'refund_failed', profile_id, jsonb_build_object('order_id', order_id, 'refund_id', id)
    from refund_ended
    where state = 'failed'
    on conflict (dedupe_key) do nothing
    returning id
),
to_open as (
    select distinct on (f.kind, f.subject_id) f.kind, f.subject_id, f.order_id, f.details
    from refund_ended r
    join app.findings f on f.id = r.finding_id or f.subject_id = r.payment_id
    where r.state = 'failed' and f.resolution = 'refunded' and f.closed_at <= r.updated_at
      and not exists (select from app.findings later
                      where later.kind = f.kind and later.subject_id = f.subject_id and later.opened_at > f.closed_at)
    order by f.kind, f.subject_id
),
-- include findings/_opened

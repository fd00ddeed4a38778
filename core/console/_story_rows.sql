-- The rows of one order's story. Jobs are found by their causes: the events about the order, its checkouts, and the
-- requests that its audit entries name; then the jobs that those jobs caused.
the_order as materialized (select * from app.orders where id = :order_id),
item as materialized (select id, title, fulfilled_at from app.order_items where order_id = :order_id),
checkout as materialized (select * from app.checkouts where order_id = :order_id),
payment as materialized (select * from app.payments where order_id = :order_id),
refund as materialized (
    select * from app.refunds where provider_payment_id in (select provider_payment_id from payment)
),
dispute as materialized (
    select * from app.disputes where provider_payment_id in (select provider_payment_id from payment)
),
enrollment as materialized (select * from app.enrollments where order_item_id in (select id from item)),
finding as materialized (select * from app.findings where order_id = :order_id),
event as materialized (
    select id, event_id, type, state, outcome, deliveries, received_at, processed_at
    from app.webhook_events
    where coalesce(data ->> 'order_id', data ->> 'payment_id') is not null
      and coalesce(data ->> 'order_id', data ->> 'payment_id') = any (array(
              select cast(id as text) from the_order union all select provider_payment_id from payment))
),
job_id (id) as (
    (
        select id from app.jobs
        where cause_id = any (array(
            select id from event
            union all
            select id from checkout
            union all
            select id from the_order
            union all
            select cast(data ->> 'request_id' as uuid) from app.audit_events
            where subject_id = :order_id and data ->> 'request_id' is not null))
        union all
        select j.id from the_order o join app.jobs j on j.profile_id = o.profile_id
        where j.payload ->> 'order_id' = cast(o.id as text)
    )
    union
    -- `offset 0`: each parent's jobs are found by their index.
    select j.id from job_id parent cross join lateral (select id from app.jobs where cause_id = parent.id offset 0) j
),
job as materialized (
    select id, kind, state, attempts, last_error, cause_id, created_at, finished_at, payload
    from app.jobs where id = any (array(select id from job_id))
),
mail as materialized (
    select id, template, state, created_at, sent_at
    from app.mail_messages
    where id = any (array(select cast(payload ->> 'mail_id' as uuid) from job where payload ->> 'mail_id' is not null))
       or dedupe_key = any (array(
              select template || ':' || subject.id
              from unnest(cast(:templates as text[])) template,
                   (select id from the_order union all select id from item union all
                    select id from refund union all select id from dispute) subject))
)

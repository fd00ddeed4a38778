-- Fulfil a batch of paid orders: services are booked, courses are granted by message, the receipt is queued. An order
-- that is no longer paid (fulfilled already, in review, refunded) is left as it is. Rows come by primary key; items by
-- order_items_order; a mail is unique by its fact. The jobs' completion comes first: it is what fences the rest, and
-- spares a lock of its own.
with done as (
    update app.jobs
    set state = 'succeeded', lease_until = null, finished_at = now()
    where id = any (cast(:ids as uuid[])) and lease_until is not null and lease_version = :lease_version
    returning cast(payload ->> 'order_id' as uuid) as order_id
),
fulfilled as (
    update app.orders
    set state = 'fulfilled', fulfilled_at = now()
    where id = any (array(select order_id from done)) and state = any (cast(:fulfillable as text[]))
    returning id, profile_id
),
item as materialized (
    select i.id, f.profile_id, i.course_id, i.service_id
    from fulfilled f
    join app.order_items i on i.order_id = f.id
),
booked as (
    update app.order_items
    set fulfilled_at = now()
    where id = any (array(select id from item where service_id is not null))
),
receipt as (
    insert into app.mail_messages (dedupe_key, template, profile_id, params)
    select 'receipt:' || id, 'receipt', profile_id, jsonb_build_object('order_id', id) from fulfilled
    on conflict (dedupe_key) do nothing
    returning id
),
next_jobs as (
    insert into app.jobs (kind, payload)
    select 'enrollments.grant',
           jsonb_build_object('v', 1, 'order_item_id', id, 'profile_id', profile_id, 'course_id', course_id)
    from item where course_id is not null
    union all
    select 'mail.send', jsonb_build_object('v', 1, 'mail_id', id) from receipt
),
audited as (
    insert into app.audit_events (tag, subject_id) select 'orders:order:fulfilled', id from fulfilled
)
select pg_notify('aula_done', :batch)

-- core/orders/fulfil.sql without the jobs table, for the given orders.
with fulfilled as (
    update app.orders
    set state = 'fulfilled', fulfilled_at = now()
    where id = any (cast(%(ids)s as uuid[])) and state = 'paid'
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
),
audited as (
    insert into app.audit_events (tag, subject_id) select 'orders:order:fulfilled', id from fulfilled
)
select cast(id as text), cast(profile_id as text), cast(course_id as text) from item where course_id is not null

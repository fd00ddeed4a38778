-- Fulfil a batch of paid orders: book services, enqueue a grant for each course and seat, queue the receipt. Orders in any other
-- state stay as they are. An order whose buyer was erased since it was paid stays paid, and is a finding; the lock of the
-- buyer's row waits for an erasure. Completing the jobs comes first: it fences the rest and needs no lock of its own. The
-- orders are locked by id, as everywhere: an update alone would lock them in the order of its scan.
with
-- include jobs/_whole_batch,
-- include jobs/_completed,
-- include jobs/_job_of_order,
locked as materialized (
    select o.id, p.erased_at is not null as is_erased
    from app.orders o join app.profiles p on p.id = o.profile_id
    where o.id = any (array(select cast(payload ->> 'order_id' as uuid) from completed))
      and o.state = any (cast(:fulfillable as text[]))
    order by o.id
    for no key update of o for key share of p
),
fulfilled as (
    update app.orders
    set state = 'fulfilled', fulfilled_at = now()
    where id = any (array(select id from locked where not is_erased))
    returning id, profile_id
),
-- include orders/_erased_buyers,
-- include findings/_opened,
item as materialized (
    select i.id, i.course_id, i.service_id, i.seminar_id,
           cast((select by_order from job_of) ->> cast(i.order_id as text) as uuid) as cause_id
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
    returning id, params ->> 'order_id' as order_id
),
next_jobs as (
    insert into app.jobs (kind, payload, cause_id)
    select 'enrollments.grant', jsonb_build_object('v', 1, 'order_item_id', id), cause_id
    from item where course_id is not null
    union all
    select 'seminars.confirm', jsonb_build_object('v', 1, 'order_item_id', id), cause_id
    from item where seminar_id is not null
    union all
    select 'mail.send', jsonb_build_object('v', 1, 'mail_id', id),
           cast((select by_order from job_of) ->> order_id as uuid)
    from receipt
),
audited as (
    insert into app.audit_events (tag, subject_id) select 'orders:order:fulfilled', id from fulfilled
)
select pg_notify('aula_done', :batch)

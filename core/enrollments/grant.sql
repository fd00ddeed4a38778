-- Grant a batch of enrollments, one for each profile and course. Where another order item has granted it already, the
-- order item is a finding. Completing the jobs comes first: it fences the rest and needs no lock of its own.
with
-- include jobs/_whole_batch,
-- include jobs/_completed,
-- An order that was refunded or is disputed entitles to nothing.
entitled as materialized (
    select i.id as order_item_id, i.order_id, o.profile_id, i.course_id
    from app.order_items i
    join app.orders o on o.id = i.order_id
    where i.id = any (array(select cast(payload ->> 'order_item_id' as uuid) from completed))
      and o.state in ('paid', 'fulfilled')
    order by o.id
    for share of o
),
wanted as materialized (
    select distinct on (profile_id, course_id) order_item_id, profile_id, course_id from entitled
    order by profile_id, course_id, order_item_id
),
granted as (
    insert into app.enrollments (profile_id, course_id, order_item_id)
    select profile_id, course_id, order_item_id from wanted
    on conflict (profile_id, course_id) do update
        set state = 'active', revoked_at = null, granted_at = now(), order_item_id = excluded.order_item_id
        where enrollments.state = 'revoked'
    returning id, profile_id, course_id, order_item_id
),
already_owned as materialized (
    select b.order_item_id, b.order_id from entitled b
    where b.order_item_id not in (select order_item_id from granted)
      and not exists (select from app.enrollments e where e.order_item_id = b.order_item_id)
),
access as (
    insert into app.mail_messages (dedupe_key, template, profile_id, params)
    select 'access:' || order_item_id, 'access', profile_id, jsonb_build_object('course_id', course_id) from granted
    on conflict (dedupe_key) do nothing
    returning id
),
next_jobs as (
    insert into app.jobs (kind, payload)
    select 'mail.send', jsonb_build_object('v', 1, 'mail_id', id) from access
),
to_open as (
    select 'course_already_owned' as kind, order_item_id as subject_id, order_id, cast('{}' as jsonb) as details
    from already_owned
),
-- include findings/_opened,
audited as (
    insert into app.audit_events (tag, subject_id, data)
    select 'enrollments:enrollment:granted', id,
           jsonb_build_object('profile_id', profile_id, 'course_id', course_id, 'order_item_id', order_item_id)
    from granted
)
select pg_notify('aula_done', :batch)

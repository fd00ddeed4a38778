-- Grant a batch of enrollments, one for each profile and course. Where another order item has granted it already, the
-- order item is a finding. Completing the jobs comes first: it fences the rest and needs no lock of its own.
with
-- include jobs/_whole_batch,
-- include jobs/_completed,
-- An order that was refunded or is disputed entitles to nothing.
entitled as materialized (
    select i.id
    from app.order_items i
    join app.orders o on o.id = i.order_id
    where i.id = any (array(select cast(payload ->> 'order_item_id' as uuid) from completed))
      and o.state in ('paid', 'fulfilled')
    order by o.id
    for share of o
),
batch_jobs as materialized (
    select c.id as job_id, p.order_item_id, p.profile_id, p.course_id
    from completed c
    cross join lateral jsonb_to_record(c.payload) as p (order_item_id uuid, profile_id uuid, course_id uuid)
    where p.order_item_id in (select id from entitled)
),
wanted as materialized (
    select distinct on (profile_id, course_id) * from batch_jobs
    order by profile_id, course_id, job_id
),
-- What the same item has been granted is returned too: another batch may have granted it since this statement began.
stored as (
    insert into app.enrollments as e (profile_id, course_id, order_item_id)
    select profile_id, course_id, order_item_id from wanted
    on conflict (profile_id, course_id) do update
        set state = 'active', revoked_at = null, order_item_id = excluded.order_item_id,
            granted_at = case when e.state = 'revoked' then now() else e.granted_at end
        where e.state = 'revoked' or e.order_item_id = excluded.order_item_id
    returning id, profile_id, course_id, order_item_id, granted_at = now() as is_new
),
granted as materialized (select * from stored where is_new),
already_owned as materialized (
    select b.order_item_id from batch_jobs b where b.order_item_id not in (select order_item_id from stored)
      and not exists (select from app.enrollments e where e.order_item_id = b.order_item_id)
),
access as (
    insert into app.mail_messages (dedupe_key, template, profile_id, params)
    select 'access:' || order_item_id, 'access', profile_id, jsonb_build_object('course_id', course_id) from granted
    on conflict (dedupe_key) do nothing returning id
),
next_jobs as (
    insert into app.jobs (kind, payload) select 'mail.send', jsonb_build_object('v', 1, 'mail_id', id) from access
),
to_open as (
    select 'course_already_owned' as kind, a.order_item_id as subject_id, i.order_id, cast('{}' as jsonb) as details
    from already_owned a join app.order_items i on i.id = a.order_item_id
),
-- include findings/_opened,
audited as (
    insert into app.audit_events (tag, subject_id, data)
    select 'enrollments:enrollment:granted', id,
           jsonb_build_object('profile_id', profile_id, 'course_id', course_id, 'order_item_id', order_item_id)
    from granted
)
select pg_notify('aula_done', :batch)

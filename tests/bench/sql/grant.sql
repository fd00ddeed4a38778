-- core/enrollments/grant.sql without the jobs table, for one order item.
with granted as (
    insert into app.enrollments (profile_id, course_id, order_item_id, purchase_number)
    values (%(profile_id)s, %(course_id)s, %(order_item_id)s, 1)
    on conflict do nothing
    returning id, profile_id, course_id, order_item_id
),
access as (
    insert into app.mail_messages (dedupe_key, template, profile_id, params)
    select 'access:' || order_item_id, 'access', profile_id, jsonb_build_object('course_id', course_id) from granted
    on conflict (dedupe_key) do nothing
)
insert into app.audit_events (tag, subject_id, data)
select 'enrollments:enrollment:granted', id,
       jsonb_build_object('profile_id', profile_id, 'course_id', course_id, 'order_item_id', order_item_id)
from granted

-- The job of each order item, as one object: a join would compare each grant with every job.
job_of as materialized (
    select jsonb_object_agg(payload ->> 'order_item_id', id) as by_item from completed
),
access as (
    insert into app.mail_messages (dedupe_key, template, profile_id, params)
    select 'access:' || order_item_id, 'access', profile_id, jsonb_build_object('course_id', course_id) from granted
    on conflict (dedupe_key) do nothing
    returning id, substr(dedupe_key, length('access:') + 1) as order_item_id
),
next_jobs as (
    insert into app.jobs (kind, payload, cause_id)
    select 'mail.send', jsonb_build_object('v', 1, 'mail_id', id),
           cast((select by_item from job_of) ->> order_item_id as uuid)
    from access
)

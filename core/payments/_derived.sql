-- What follows from a changed state or line: access is revoked, or given again.
lost as (
    select id as order_id, profile_id from changed
    where new_state in ('refunded', 'disputed') and old_state in ('paid', 'fulfilled')
    union
    select order_id, profile_id from changed_line where is_given_back
),
next_jobs as (
    insert into app.jobs (kind, payload, profile_id, cause_id)
    select 'enrollments.revoke', jsonb_build_object('v', 1, 'order_id', order_id), profile_id,
           cast((select by_order from job_of) ->> cast(order_id as text) as uuid)
    from lost
    union all
    select 'seminars.release', jsonb_build_object('v', 1, 'order_id', order_id), profile_id,
           cast((select by_order from job_of) ->> cast(order_id as text) as uuid)
    from lost where order_id in (select order_id from line where seminar_id is not null)
    union all
    select 'orders.fulfil', jsonb_build_object('v', 1, 'order_id', id), profile_id,
           cast((select by_order from job_of) ->> cast(id as text) as uuid)
    from changed where new_state = 'paid'
    union all
    select 'enrollments.grant', jsonb_build_object('v', 1, 'order_item_id', id), profile_id,
           cast((select by_order from job_of) ->> cast(order_id as text) as uuid)
    from changed_line where course_id is not null and not is_given_back
    union all
    select 'seminars.confirm', jsonb_build_object('v', 1, 'order_item_id', id), profile_id,
           cast((select by_order from job_of) ->> cast(order_id as text) as uuid)
    from changed_line where seminar_id is not null and not is_given_back
    union all
    select 'mail.send', jsonb_build_object('v', 1, 'mail_id', id), null,
           cast((select by_order from job_of) ->> order_id as uuid)
    from email
),
audited as (
    insert into app.audit_events (tag, subject_id, data)
    select 'payments:order:derived', id, jsonb_build_object('from', old_state, 'to', new_state) from changed
)

-- What follows from a changed state: access is revoked, or the order is fulfilled again; a refund has its email.
refund_email as (
    insert into app.mail_messages (dedupe_key, template, profile_id, params)
    select 'refunded:' || id, 'refunded', profile_id, jsonb_build_object('order_id', id)
    from changed
    where new_state = 'refunded'
    on conflict (dedupe_key) do nothing
    returning id, params ->> 'order_id' as order_id
),
next_jobs as (
    insert into app.jobs (kind, payload, profile_id, cause_id)
    select 'enrollments.revoke', jsonb_build_object('v', 1, 'order_id', id), profile_id,
           cast((select by_order from job_of) ->> cast(id as text) as uuid)
    from changed
    where new_state in ('refunded', 'disputed') and old_state in ('paid', 'fulfilled')
    union all
    select 'orders.fulfil', jsonb_build_object('v', 1, 'order_id', id), profile_id,
           cast((select by_order from job_of) ->> cast(id as text) as uuid)
    from changed where new_state = 'paid'
    union all
    select 'mail.send', jsonb_build_object('v', 1, 'mail_id', id), null,
           cast((select by_order from job_of) ->> order_id as uuid)
    from refund_email
),
audited as (
    insert into app.audit_events (tag, subject_id, data)
    select 'payments:order:derived', id, jsonb_build_object('from', old_state, 'to', new_state) from changed
)

-- What follows: access is revoked, or the order is fulfilled again, and emails are sent.
next_jobs as (
    insert into app.jobs (kind, payload, profile_id)
    select 'enrollments.revoke', jsonb_build_object('v', 1, 'order_id', id), profile_id
    from changed
    where new_state in ('refunded', 'disputed') and old_state in ('paid', 'fulfilled')
    union all
    select 'orders.fulfil', jsonb_build_object('v', 1, 'order_id', id), profile_id from changed where new_state = 'paid'
    union all
    select 'mail.send', jsonb_build_object('v', 1, 'mail_id', id), null from email
),
audited as (
    insert into app.audit_events (tag, subject_id, data)
    select 'payments:order:derived', id, jsonb_build_object('from', old_state, 'to', new_state) from changed
)

-- What happened to the rows, each with its time.
entry (at, source, subject_id, what, details) as (
    select at, 'order', id, what, jsonb_build_object('total_amount', total_amount, 'currency', currency)
    from the_order cross join lateral (values (created_at, 'placed'), (paid_at, 'paid'), (fulfilled_at, 'fulfilled')) t (at, what)
    union all
    select at, 'checkout', id, what, jsonb_build_object('session_id', session_id, 'ui_mode', ui_mode)
    from checkout cross join lateral (values (created_at, 'opened'), (asked_at, 'asked for'), (closed_at, 'closed')) t (at, what)
    union all
    select at, 'event', id, what,
           jsonb_build_object('type', type, 'event_id', event_id, 'outcome', said, 'deliveries', deliveries)
    from event cross join lateral (values (received_at, 'received', null), (processed_at, state, outcome)) t (at, what, said)
    union all
    select a.finished_at, 'event', a.webhook_event_id, 'failed', jsonb_build_object('error', a.error)
    from app.webhook_attempts a where a.webhook_event_id in (select id from event)
    union all
    select at, 'job', id, what,
           jsonb_build_object('kind', kind, 'attempts', attempts, 'last_error', last_error, 'cause_id', cause_id)
    from job cross join lateral (values (created_at, 'enqueued'), (finished_at, state)) t (at, what)
    union all
    select a.finished_at, 'job', a.job_id, 'attempt failed', jsonb_build_object('error', a.error)
    from app.job_attempts a where a.job_id in (select id from job)
    union all
    select at, 'mail', id, what, jsonb_build_object('template', template, 'state', state)
    from mail cross join lateral (values (created_at, 'queued'), (sent_at, 'sent')) t (at, what)
    union all
    select created_at, 'payment', id, state,
           jsonb_build_object('amount', amount, 'currency', currency, 'provider_id', provider_payment_id)
    from payment
    union all
    select created_at, 'refund', id, state,
           jsonb_build_object('amount', amount, 'currency', currency, 'provider_id', provider_refund_id)
    from refund
    union all
    select created_at, 'dispute', id, state,
           jsonb_build_object('amount', amount, 'currency', currency, 'provider_id', provider_dispute_id)
    from dispute
    union all
    select at, 'enrollment', id, what, jsonb_build_object('course_id', course_id)
    from enrollment cross join lateral (values (granted_at, 'granted'), (revoked_at, 'revoked')) t (at, what)
    union all
    select at, 'finding', id, what, jsonb_build_object('kind', kind, 'details', details, 'reason', reason)
    from finding cross join lateral (
        values (opened_at, 'opened', null), (closed_at, resolution, close_reason)) t (at, what, reason)
    union all
    select at, 'audit', subject_id, tag, data || jsonb_build_object('actor_id', actor_id)
    from app.audit_events
    where subject_id = any (array(
        select id from the_order union all select id from item union all select id from job union all
        select id from event union all select id from mail union all select id from refund union all
        select id from dispute union all select id from finding union all select id from enrollment))
)

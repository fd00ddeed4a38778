-- Opens what `to_open (kind, subject_id, order_id, details)` names; one that is open already is counted.
opened as (
    insert into app.findings (kind, subject_id, order_id, details)
    select kind, subject_id, order_id, details from to_open
    on conflict (kind, subject_id) where closed_at is null do update
        set last_seen_at = now(), times_seen = findings.times_seen + 1
    returning id, kind, order_id, xmax = 0 as is_new
),
findings_audited as (
    insert into app.audit_events (tag, subject_id, data)
    select 'findings:finding:opened', id, jsonb_build_object('kind', kind, 'order_id', order_id)
    from opened
    where is_new
)

-- Closes the findings that `gone (id)` names.
resolved as (
    update app.findings
    set closed_at = now(), resolution = 'resolved', close_reason = 'the cause is gone'
    where id = any (array(select id from gone))
    returning id, kind
),
audited as (
    insert into app.audit_events (tag, subject_id, data)
    select 'findings:finding:closed', id, jsonb_build_object('kind', kind, 'resolution', 'resolved') from resolved
)

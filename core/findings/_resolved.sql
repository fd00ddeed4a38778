-- Closes the findings that `gone (id, resolution)` names. One that was refunded is closed as that, whatever else is true.
resolved as (
    update app.findings f
    set closed_at = now(), resolution = g.resolution, close_reason = 'the cause is gone'
    from (select id, min(resolution) as resolution from gone group by id) g
    where f.id = g.id and f.closed_at is null
    returning f.id, f.kind, f.resolution, f.close_reason
),
audited as (
    insert into app.audit_events (tag, subject_id, data)
    select 'findings:finding:closed', id,
           jsonb_build_object('kind', kind, 'resolution', resolution, 'reason', close_reason)
    from resolved
)

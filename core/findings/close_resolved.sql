-- Close findings whose cause is gone: the job has succeeded, or the event was applied.
with candidate as materialized (
    select id, kind, subject_id
    from app.findings
    where closed_at is null and kind in ('job_dead', 'event_dead')
),
gone as (
    select c.id
    from candidate c
    cross join lateral (select from app.jobs where id = c.subject_id and state = 'succeeded' limit 1) job
    where c.kind = 'job_dead'
    union all
    select c.id
    from candidate c
    cross join lateral (
        select from app.webhook_events where id = c.subject_id and state in ('processed', 'ignored') limit 1
    ) event
    where c.kind = 'event_dead'
),
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
select count(*) from resolved

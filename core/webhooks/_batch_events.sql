-- The jobs of a batch that are still its to run, and the events they are about; rows come by primary key.
batch_jobs as materialized (
    select id as job_id, cast(payload ->> 'event_id' as uuid) as event_id
    from app.jobs
    where id = any (cast(:ids as uuid[])) and lease_until is not null and lease_version = :lease_version
    order by id
    for update
),
batch_events as materialized (
    select id, occurred_at, livemode, state, data ->> 'kind' as kind, data
    from app.webhook_events
    where id = any (array(select event_id from batch_jobs))
)

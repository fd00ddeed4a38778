-- The jobs of a batch that are still its to run, and the events they are about; rows come by primary key. An event that
-- was ignored or is dead is decided again. One of another account or mode is not ours.
batch_jobs as materialized (
    select id as job_id, cast(payload ->> 'event_id' as uuid) as event_id
    from app.jobs
    where id = any (cast(:ids as uuid[])) and lease_until is not null and lease_version = :lease_version
    order by id
    for update
),
batch_events as materialized (
    select id, occurred_at, livemode, state, data ->> 'kind' as kind, data,
           case
               when provider = 'stripe' and livemode is distinct from :livemode then 'wrong livemode'
               when account is distinct from cast(:account as text) and account is not null then 'another account'
           end as foreign_reason
    from app.webhook_events
    where id = any (array(select event_id from batch_jobs))
),
undecided as (
    select * from batch_events where state <> 'processed' and foreign_reason is null
)

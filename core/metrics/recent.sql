-- What happened since the ids of :since (UUIDv7, so a range of the primary keys), the newest :most of each table.
with jobs as materialized (
    select kind, state, extract(epoch from finished_at - created_at)::float8 as seconds
    from app.jobs where id >= cast(:since as uuid) order by id desc limit :most
),
failed as materialized (
    select job_id, error from app.job_attempts where id >= cast(:since as uuid) order by id desc limit :most
),
reasons as (
    select j.kind,
           case when f.error = 'the lease ran out: the worker died, or its message was lost' then 'lease_ran_out'
                when f.error like 'WorkerLostError%' then 'process_lost'
                else 'error' end as reason
    from failed f join app.jobs j on j.id = f.job_id
),
events as (
    select state from app.webhook_events where id >= cast(:since as uuid) order by id desc limit :most
),
mails as (
    select state from app.mail_messages where id >= cast(:since as uuid) order by id desc limit :most
),
durations as (
    select kind, p.percentile, percentile_cont(p.percentile / 100.0) within group (order by seconds) as seconds
    from jobs cross join (values (50), (95), (100)) p (percentile)
    where state = 'succeeded'
    group by kind, p.percentile
)
select 'aula_recent_jobs' as name, array[kind, state] as labels, count(*)::float8 as value
from jobs group by kind, state
union all
select 'aula_recent_job_seconds', array[kind, percentile::text], seconds from durations
union all
select 'aula_recent_failed_attempts', array[k.kind, r.reason], count(reasons.kind)::float8
from app.job_kinds k
cross join (values ('lease_ran_out'), ('process_lost'), ('error')) r (reason)
left join reasons on reasons.kind = k.kind and reasons.reason = r.reason
group by k.kind, r.reason
union all
select 'aula_recent_webhook_events', array[state], count(*)::float8 from events group by state
union all
select 'aula_recent_mails', array[state], count(*)::float8 from mails group by state

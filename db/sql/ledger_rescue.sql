-- Leases that ran out, at most :quota (index jobs_dispatched): their worker died or their message is lost. They run
-- alone from now on, so that one that kills its process takes nobody with it. Only a run alone is charged, at its
-- start; whoever has spent all is dead.
with late as materialized (
    select j.id, j.failures >= j.max_attempts as spent
    from app.job_kinds k
    cross join lateral (
        select id, failures, max_attempts
        from app.jobs
        where state = 'dispatched' and kind = k.kind and lease_until <= now()
        limit :quota
        for update skip locked
    ) j
),
kept as (
    insert into app.job_attempts (job_id, attempt, error)
    select id, attempt, 'the lease ran out: the worker died, or its message was lost'
    from app.jobs where id = any (array(select id from late))
)
update app.jobs j
set state = case when late.spent then 'dead' else 'pending' end,
    solo = true,
    lease_until = null,
    run_at = case when late.spent then j.run_at else clock_timestamp() end,
    finished_at = case when late.spent then now() end,
    last_error = 'the lease ran out: the worker died, or its message was lost'
from late
where j.id = late.id
returning j.id, j.kind, j.state = 'dead' as dead

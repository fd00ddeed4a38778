-- Leases that ran out, at most :quota of each kind (index jobs_dispatched): the worker died or the message is lost. The
-- jobs run isolated from now on, in the largest batches of :limits that are smaller than before, so that one that kills
-- its process harms fewer others each time. One that was started alone is treated as in jobs/requeue_lost.
with late as materialized (
    select j.id
    from app.job_kinds k
    cross join lateral (
        select id
        from app.jobs
        where state = 'dispatched' and kind = k.kind and lease_until <= now()
        limit :quota
        for update skip locked
    ) j
),
lost as (
    update app.jobs
    set state = case when attempts >= max_attempts or deaths >= :max_deaths then 'dead' else 'pending' end,
        isolated = true,
        batch_limit = coalesce((select max(l) from unnest(cast(:limits as smallint[])) as l
                                where not isolated or l < batch_limit), 1),
        lease_until = null,
        run_at = case when attempts >= max_attempts or deaths >= :max_deaths then run_at
                      else clock_timestamp() + make_interval(secs => deaths) end,
        finished_at = case when attempts >= max_attempts or deaths >= :max_deaths then now() end,
        last_error = 'the lease ran out: the worker died, or its message was lost'
    where id = any (array(select id from late))
    returning id, kind, lease_version, attempts, state, last_error, cause_id
),
kept as (
    insert into app.job_attempts (job_id, lease_version, error) select id, lease_version, last_error from lost
)
select id, kind, cause_id, attempts, last_error, state = 'dead' as dead from lost

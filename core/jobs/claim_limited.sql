-- As jobs/claim, for kinds with a limit on how many run at once, in all or for one key. Counting and claiming must
-- not interleave between relays: the caller holds the advisory lock (jobs/claim_lock) for the transaction.
-- Only the caller's :kinds: what another release brought, or left behind, is not for this one.
with kind as (
    select k.kind, k.max_running, k.max_per_key,
           (select count(*) from app.jobs r where r.state = 'dispatched' and r.kind = k.kind) as running
    from app.job_kinds k
    where k.kind = any (:kinds) and k.paused_at is null
      and (k.max_running is not null or k.max_per_key is not null)
),
due as materialized (
    select job.id
    from kind
    cross join lateral (
        select c.id
        from (
            select j.id, j.priority, j.run_at, j.concurrency_key,
                   row_number() over (partition by j.concurrency_key order by j.priority, j.run_at, j.id)
                   + (select count(*) from app.jobs r
                      where r.state = 'dispatched' and r.kind = kind.kind
                        and r.concurrency_key = j.concurrency_key) as place
            from app.jobs j
            where j.state = 'pending' and j.kind = kind.kind and j.run_at <= now()
        ) c
        where kind.max_per_key is null or c.concurrency_key is null or c.place <= kind.max_per_key
        order by c.priority, c.run_at, c.id
        limit greatest(0, least(coalesce(kind.max_running - kind.running, :quota), :quota))
    ) job
),
claimed as (
    update app.jobs
    set state = 'dispatched', lease_version = lease_version + 1, lease_until = now() + make_interval(secs => :lease)
    where state = 'pending' and id = any (array(select id from due))
    returning id, kind, priority, lease_version, case when isolated then batch_limit end as batch_limit, run_at
)
select kind, priority, lease_version, batch_limit, array_agg(id order by run_at, id), max(run_at)
from claimed
group by kind, priority, lease_version, batch_limit

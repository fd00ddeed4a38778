-- Claim isolated jobs (index jobs_isolated): of each of :kinds one batch, at most :most jobs. The job that is due first
-- sets the batch's limit, and jobs with the same limit fill it. One lease version for all, above each one's own, makes
-- them one batch. Kinds that are paused or limited are left out, as in jobs/claim.
with kind as (
    select kind from app.job_kinds
    where kind = any (cast(:kinds as text[])) and paused_at is null and max_running is null and max_per_key is null
),
first as (
    select distinct on (f.kind) f.kind, f.priority, f.batch_limit
    from kind
    cross join (values (0::smallint), (1::smallint), (2::smallint)) as p (priority)
    cross join lateral (
        select j.kind, j.priority, j.batch_limit
        from app.jobs j
        where j.state = 'pending' and j.isolated and j.kind = kind.kind and j.priority = p.priority
          and j.run_at <= now()
        order by j.run_at, j.id
        limit 1
    ) f
    order by f.kind, f.priority
),
due as materialized (
    select job.id, job.lease_version
    from first
    cross join lateral (
        select j.id, j.lease_version
        from app.jobs j
        where j.state = 'pending' and j.isolated and j.kind = first.kind and j.priority = first.priority
          and j.batch_limit = first.batch_limit and j.run_at <= now()
        order by j.run_at, j.id
        limit least(first.batch_limit, :most)
        for update skip locked
    ) job
),
claimed as (
    update app.jobs
    set state = 'dispatched', lease_version = (select max(lease_version) from due) + 1,
        lease_until = now() + make_interval(secs => :lease)
    where id = any (array(select id from due))
    returning id, kind, priority, lease_version, batch_limit, run_at
)
select kind, priority, lease_version, batch_limit, array_agg(id order by run_at, id), max(run_at)
from claimed
group by kind, priority, lease_version, batch_limit

-- Claim what is due, lane by lane, each from its watermark on (index jobs_pending). Kinds that are paused or limited
-- are left out, and isolated jobs: jobs/claim_limited and jobs/claim_isolated have those. `state` is part of the index, so entries of claimed rows stay dead in
-- it while an old transaction is open; the watermark is what spares the claim from reading them again.
with lane as (
    select l.*
    from jsonb_to_recordset(cast(:lanes as jsonb))
         as l (kind text, priority smallint, after_at timestamptz, after_id uuid, quota integer)
    join app.job_kinds k on k.kind = l.kind
    where k.paused_at is null and k.max_running is null and k.max_per_key is null
),
due as materialized (
    select job.id
    from lane
    cross join lateral (
        select j.id
        from app.jobs j
        where j.state = 'pending' and not j.isolated and j.kind = lane.kind and j.priority = lane.priority
          and j.run_at <= now() and (j.run_at, j.id) > (lane.after_at, lane.after_id)
        order by j.run_at, j.id
        limit lane.quota
        for update skip locked
    ) job
),
claimed as (
    update app.jobs
    set state = 'dispatched', lease_version = lease_version + 1, lease_until = now() + make_interval(secs => :lease)
    where id = any (array(select id from due))
    returning id, kind, priority, lease_version, run_at
)
select kind, priority, lease_version, null, array_agg(id order by run_at, id), max(run_at)
from claimed
group by kind, priority, lease_version

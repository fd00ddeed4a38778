-- Every kind with its limits and the numbers of its unfinished and dead jobs (indexes jobs_pending, jobs_dispatched and
-- jobs_dead).
select k.kind, k.queue, k.max_running, k.max_per_key, k.paused_at, k.pause_reason,
       (select count(*) from app.jobs j where j.kind = k.kind and j.state = 'pending') as pending,
       (select count(*) from app.jobs j where j.kind = k.kind and j.state = 'dispatched') as running,
       (select count(*) from app.jobs j where j.kind = k.kind and j.state = 'dead') as dead,
       (select min(j.run_at) from app.jobs j
        where j.kind = k.kind and j.state = 'pending' and j.run_at <= now()) as oldest_due_at
from app.job_kinds k
order by k.queue, k.kind

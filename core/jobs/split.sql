-- A batch failed as a whole: its jobs are retried at once, isolated in batches of at most :batch_limit, without counting
-- an attempt.
with split as (
    update app.jobs
    set state = 'pending', isolated = true, batch_limit = :batch_limit, lease_until = null, run_at = clock_timestamp()
    where id = any (cast(:ids as uuid[])) and lease_until is not null and lease_version = :lease_version
    returning kind
)
select pg_notify('aula_done', :batch), pg_notify('aula_jobs', kind || ' isolated')
from split
group by kind

-- A batch failed as a whole: its jobs are retried one by one, at once, without counting an attempt.
with split as (
    update app.jobs
    set state = 'pending', isolated = true, lease_until = null, run_at = clock_timestamp()
    where id = any (cast(:ids as uuid[])) and lease_until is not null and lease_version = :lease_version
    returning kind, priority
)
select pg_notify('aula_done', :batch), pg_notify('aula_jobs', kind || ' ' || priority)
from split
group by kind, priority

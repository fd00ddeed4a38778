-- The process that ran this batch died: its jobs are due again at once, isolated in batches of at most :batch_limit. One
-- that ran alone waits for a second for each death, and is dead at the last one or when no attempt is left.
with lost as (
    update app.jobs
    set state = case when attempts >= max_attempts or deaths >= :max_deaths then 'dead' else 'pending' end,
        isolated = true,
        batch_limit = :batch_limit,
        lease_until = null,
        run_at = case when attempts >= max_attempts or deaths >= :max_deaths then run_at
                      else clock_timestamp() + make_interval(secs => deaths) end,
        finished_at = case when attempts >= max_attempts or deaths >= :max_deaths then now() end,
        last_error = :error
    where id = any (cast(:ids as uuid[])) and lease_until is not null and lease_version = :lease_version
    returning id, kind, cause_id, attempts, state, last_error
),
kept as (
    insert into app.job_attempts (job_id, lease_version, error) select id, :lease_version, :error from lost
)
select id, kind, cause_id, attempts, last_error, state = 'dead' as dead,
       pg_notify('aula_done', :batch), pg_notify('aula_jobs', kind || ' isolated')
from lost

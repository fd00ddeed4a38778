-- The worker lost the process that ran this batch: the jobs are due again at once, alone, or dead when all their
-- attempts are spent.
with lost as materialized (
    select id, failures >= max_attempts as spent
    from app.jobs
    where id = any (cast(:ids as uuid[])) and state = 'dispatched' and attempt = :attempt
    for update
),
kept as (
    insert into app.job_attempts (job_id, attempt, error) select id, :attempt, :error from lost
)
update app.jobs j
set state = case when lost.spent then 'dead' else 'pending' end,
    solo = true,
    lease_until = null,
    run_at = case when lost.spent then j.run_at else clock_timestamp() end,
    finished_at = case when lost.spent then now() end,
    last_error = :error
from lost
where j.id = lost.id
returning j.id, j.kind, j.state = 'dead' as dead, pg_notify('aula_done', :batch),
          pg_notify('aula_jobs', j.kind || ' ' || j.priority)

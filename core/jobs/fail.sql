-- A job that failed: pending again after a delay, alone, or dead when all its attempts are spent or the failure is
-- :final. :charge is 0 where its start was charged already. The delay is :after seconds, or the backoff with full
-- jitter (:jitter in 0..1).
with failed as (
    update app.jobs j
    set failures = j.failures + :charge,
        state = case when :final or j.failures + :charge >= j.max_attempts then 'dead' else 'pending' end,
        solo = true,
        lease_until = null,
        run_at = clock_timestamp() + make_interval(secs => coalesce(cast(:after as float8),
                 cast(:jitter as float8) * least(cast(:cap as float8), cast(:base as float8) * power(2, least(j.failures + :charge, 30))))),
        finished_at = case when :final or j.failures + :charge >= j.max_attempts then now() end,
        last_error = :error
    where j.id = any (cast(:ids as uuid[])) and j.lease_until is not null and j.attempt = :attempt
    returning j.id, j.attempt, j.state
),
kept as (
    insert into app.job_attempts (job_id, attempt, error) select id, attempt, :error from failed
)
select id, state = 'dead' as dead, pg_notify('aula_done', :batch) from failed

-- A job that failed: pending again after a delay, alone if :isolated, or dead when no attempt is left or the failure is
-- :final. Its process lives: no death is counted.
-- :counted is 0 where the attempt was counted at its start, else 1. The delay is :after seconds, or the backoff with
-- full jitter (:jitter in 0..1). A schedule's tick waits no longer than its interval: until it ends, no other is made.
with failed as (
    update app.jobs j
    set attempts = j.attempts + :counted,
        state = case when :final or j.attempts + :counted >= j.max_attempts then 'dead' else 'pending' end,
        isolated = :isolated,
        batch_limit = 1,
        deaths = 0,
        unavailable_since = null,
        lease_until = null,
        run_at = clock_timestamp() + make_interval(secs => least(
            (select extract(epoch from s.every)::float8 from app.schedules s where s.name = j.schedule),
            coalesce(cast(:after as float8), cast(:jitter as float8)
                     * least(cast(:cap as float8), cast(:base as float8) * power(2, least(j.attempts + :counted, 30)))))),
        finished_at = case when :final or j.attempts + :counted >= j.max_attempts then now() end,
        last_error = :error
    where j.id = any (cast(:ids as uuid[])) and j.lease_until is not null and j.lease_version = :lease_version
    returning j.id, j.lease_version, j.state, j.attempts, j.cause_id
),
kept as (
    insert into app.job_attempts (job_id, lease_version, error) select id, lease_version, :error from failed
)
select id, cause_id, attempts, state = 'dead' as dead, pg_notify('aula_done', :batch) from failed

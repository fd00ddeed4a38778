-- A job to which an external service was unavailable: pending again, or dead when that has gone on for :give_up_after.
-- :started is 1 where the attempt was counted at its start, else 0: it is taken back. It harmed no other job, so it is
-- not isolated any more. The delay is :after seconds, and a
-- share :jitter (0..1) of the time since the service was unavailable for the first time; as in jobs/fail, a schedule's
-- tick waits no longer than its interval.
with due as materialized (
    select id, coalesce(extract(epoch from now() - unavailable_since)::float8, 0) as waited,
           coalesce(now() - unavailable_since >= cast(:give_up_after as interval), false) as dead
    from app.jobs
    where id = any (cast(:ids as uuid[])) and lease_until is not null and lease_version = :lease_version
    for update
),
postponed as (
    update app.jobs j
    set attempts = j.attempts - :started,
        deaths = 0,
        isolated = false,
        unavailable_since = coalesce(j.unavailable_since, now()),
        state = case when due.dead then 'dead' else 'pending' end,
        lease_until = null,
        run_at = clock_timestamp() + make_interval(secs => least(
            (select extract(epoch from s.every)::float8 from app.schedules s where s.name = j.schedule),
            cast(:cap as float8),
            cast(:after as float8) + cast(:jitter as float8) * greatest(cast(:base as float8), due.waited))),
        finished_at = case when due.dead then now() end,
        last_error = :reason
    from due
    where j.id = due.id
    returning j.id, j.cause_id, j.attempts, due.dead
)
select id, cause_id, attempts, dead, pg_notify('aula_done', :batch) from postponed

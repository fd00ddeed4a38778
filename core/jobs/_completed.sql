-- Completes the jobs that `job_outcomes (job_id, result)` names, if the batch still holds their lease. The attempt of an
-- isolated job was counted at its start. Errors of earlier attempts are in app.job_attempts.
completed as (
    update app.jobs j
    set state = 'succeeded', lease_until = null, finished_at = now(), result = o.result, progress = null,
        attempts = j.attempts + case when j.isolated then 0 else 1 end, last_error = null
    from job_outcomes o
    where j.id = o.job_id and j.lease_until is not null and j.lease_version = :lease_version
    returning j.id, j.payload
)

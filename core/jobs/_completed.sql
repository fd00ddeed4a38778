-- Completes the jobs that `job_outcomes (job_id, result)` names, if the batch still holds their lease. :uncounted is 0
-- where the attempt was counted at its start, else 1. Errors of earlier attempts are in app.job_attempts. A join with the outcomes
-- would read the whole table, or compare each job with every outcome, if it was planned while the table was small.
result_of as materialized (
    select jsonb_object_agg(job_id, result) filter (where result is not null) as by_job from job_outcomes
),
completed as (
    update app.jobs j
    set state = 'succeeded', lease_until = null, finished_at = now(), progress = null, last_error = null,
        result = (select by_job from result_of) -> cast(j.id as text),
        attempts = j.attempts + :uncounted
    where j.id = any (array(select job_id from job_outcomes))
      and j.lease_until is not null and j.lease_version = :lease_version
    returning j.id, j.payload
)

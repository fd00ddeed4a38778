-- Every job of the batch has succeeded, without a result.
job_outcomes as (
    select unnest(cast(:ids as uuid[])) as job_id, cast(null as jsonb) as result
)

-- Jobs of the batch that succeeded, each with its result. Notifies the relay that the batch has ended.
with job_outcomes as (
    select r.id as job_id, r.result
    from jsonb_to_recordset(cast(:results as jsonb)) as r (id uuid, result jsonb)
    where r.id = any (cast(:ids as uuid[]))
),
-- include jobs/_completed
select count(*), pg_notify('aula_done', :batch) from completed

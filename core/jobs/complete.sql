-- Jobs that succeeded, each with its result; the relay learns that the batch is over.
with done as (
    update app.jobs j
    set state = 'succeeded', lease_until = null, finished_at = now(), result = r.result, progress = null
    from jsonb_to_recordset(cast(:results as jsonb)) as r (id uuid, result jsonb)
    where j.id = r.id and j.id = any (cast(:ids as uuid[])) and j.lease_until is not null and j.lease_version = :lease_version
    returning j.id
)
select count(*), pg_notify('aula_done', :batch) from done

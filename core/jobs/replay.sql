-- Finished jobs run again, isolated in batches of at most :batch_limit. Of those with one dedupe_key only the newest, and none while an unfinished job has
-- it (index jobs_dedupe).
with wanted as materialized (
    select distinct on (coalesce(dedupe_key, cast(id as text))) id, dedupe_key
    from app.jobs
    where id = any (cast(:ids as uuid[])) and state = any (:finished)
    order by coalesce(dedupe_key, cast(id as text)), id desc
)
update app.jobs j
set state = 'pending', attempts = 0, deaths = 0, isolated = true, batch_limit = :batch_limit, run_at = clock_timestamp(),
    finished_at = null, result = null, progress = null, unavailable_since = null
from wanted w
where j.id = w.id and j.state = any (:finished)
  and not exists (select from app.jobs u
                  where u.dedupe_key is not null and u.dedupe_key = w.dedupe_key and u.state in ('pending', 'dispatched'))
returning j.id, j.kind, j.payload

-- Insert jobs; one that an unfinished job with the same dedupe_key already stands for is left out (index jobs_dedupe).
insert into app.jobs (
    id, kind, payload, priority, run_at, max_attempts, dedupe_key, concurrency_key, profile_id, cause_id
)
select coalesce(j.id, app.uuid7()), j.kind, j.payload, j.priority, coalesce(j.run_at, clock_timestamp()),
       j.max_attempts, j.dedupe_key, j.concurrency_key, j.profile_id, j.cause_id
from jsonb_to_recordset(cast(:jobs as jsonb)) as j (
    id uuid, kind text, payload jsonb, priority smallint, run_at timestamptz,
    max_attempts smallint, dedupe_key text, concurrency_key text, profile_id uuid, cause_id uuid
)
on conflict (dedupe_key) where dedupe_key is not null and state in ('pending', 'dispatched') do nothing
returning id

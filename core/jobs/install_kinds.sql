-- The kinds of this release. Its limit is a default, written with a new kind; afterwards limits and pauses are an
-- operator's, and stay as they are.
insert into app.job_kinds (kind, queue, max_running, max_per_key)
select kind, queue, max_running, max_per_key
from jsonb_to_recordset(cast(:kinds as jsonb)) as k (kind text, queue text, max_running integer, max_per_key integer)
on conflict (kind) do update set queue = excluded.queue
where job_kinds.queue is distinct from excluded.queue

-- The kinds of this release; paused ones stay paused.
insert into app.job_kinds (kind, queue, max_running)
select kind, queue, max_running
from jsonb_to_recordset(cast(:kinds as jsonb)) as k (kind text, queue text, max_running integer)
on conflict (kind) do update set queue = excluded.queue, max_running = excluded.max_running
where (job_kinds.queue, job_kinds.max_running) is distinct from (excluded.queue, excluded.max_running)

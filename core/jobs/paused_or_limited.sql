-- Kinds that jobs/claim leaves out: they are paused, or have a limit.
select kind from app.job_kinds where paused_at is not null or max_running is not null or max_per_key is not null

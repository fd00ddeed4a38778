-- Kinds that jobs/claim passes over: they are paused, or have a limit.
select kind from app.job_kinds where paused_at is not null or max_running is not null or max_per_key is not null

-- Which of the followed jobs have a version other than the one that was sent; for all event streams of a process in one
-- statement. `ids` and `versions` belong together; a version is a hash of what core/jobs/view.py shows. That a limit of
-- its kind is reached is not a change of the job: to count the running jobs for each follower would cost too much.
select f.id, f.version as known, coalesce(n.version, 'gone') as version
from unnest(cast(:ids as uuid[]), cast(:versions as text[])) as f (id, version)
left join lateral (
    select md5(jsonb_build_array(
        j.state, j.attempts, j.max_attempts, j.progress, j.result, j.last_error, j.run_at, j.finished_at,
        j.unavailable_since is not null, k.paused_at is not null, j.run_at <= cast(:now as timestamptz)
    )::text) as version
    from app.jobs j left join app.job_kinds k on k.kind = j.kind
    where j.id = f.id
) n on true
where coalesce(n.version, 'gone') is distinct from f.version

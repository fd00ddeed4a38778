-- A long task is still running.
update app.jobs
set lease_until = now() + make_interval(secs => :lease)
where id = any (cast(:ids as uuid[])) and lease_until is not null and lease_version = :lease_version
returning id

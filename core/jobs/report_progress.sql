-- How far a job has come.
update app.jobs
set progress = cast(:progress as jsonb)
where id = :id and lease_until is not null and lease_version = :lease_version
returning id

-- The attempt of a job that runs alone is counted before it starts, and its death too: an orderly end takes that back.
update app.jobs
set attempts = attempts + 1, deaths = deaths + 1
where id = any (cast(:ids as uuid[])) and lease_until is not null and lease_version = :lease_version and attempts < max_attempts
returning id

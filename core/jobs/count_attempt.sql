-- An isolated job's attempt is counted before it starts, so that one that kills its process reaches max_attempts.
update app.jobs
set attempts = attempts + 1
where id = any (cast(:ids as uuid[])) and lease_until is not null and lease_version = :lease_version and attempts < max_attempts
returning id

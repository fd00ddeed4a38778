-- A job that runs alone is charged before it starts, so that one that kills its process reaches its cap.
update app.jobs
set attempts = attempts + 1
where id = any (cast(:ids as uuid[])) and lease_until is not null and lease_version = :lease_version and attempts < max_attempts
returning id

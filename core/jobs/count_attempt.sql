-- A job that runs alone is charged before it starts, so that one that kills its process reaches its cap.
update app.jobs
set failures = failures + 1
where id = any (cast(:ids as uuid[])) and lease_until is not null and attempt = :attempt and failures < max_attempts
returning id

-- The broker did not take these: pending again at once, without counting an attempt. The lease version stays raised: a
-- message that did arrive finds nothing to do.
update app.jobs
set state = 'pending', lease_until = null, run_at = clock_timestamp()
where id = any (cast(:ids as uuid[])) and lease_until is not null and lease_version = :lease_version

-- The broker did not take these: pending again at once. The attempt stays raised, so that the message, should it
-- have arrived after all, finds nothing to do; no failure is charged.
update app.jobs
set state = 'pending', lease_until = null, run_at = clock_timestamp()
where id = any (cast(:ids as uuid[])) and lease_until is not null and lease_version = :lease_version

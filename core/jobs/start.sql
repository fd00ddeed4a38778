-- Begin external calls: the lease version is raised, so that the same message delivered again finds nothing to do while
-- a call is under way, and the lease starts anew.
update app.jobs
set lease_version = lease_version + 1, lease_until = now() + make_interval(secs => :lease)
where id = any (cast(:ids as uuid[])) and lease_until is not null and lease_version = :lease_version
returning id, payload, profile_id, attempts

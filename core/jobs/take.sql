-- Lock the jobs of a batch that are still the caller's to run, and read them. That a job has a lease is, by a check,
-- the same as being dispatched. Said so, here and wherever a batch's jobs are named by id, it keeps the planner off the
-- index jobs_dispatched, which fills with dead entries while an old transaction is open.
select id, payload, profile_id, attempts
from app.jobs
where id = any (cast(:ids as uuid[])) and lease_until is not null and lease_version = :lease_version
order by id
for update

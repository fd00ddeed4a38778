-- Unfinished jobs are cancelled; what a worker holds is waited for, and if it has finished meanwhile it stays so.
update app.jobs
set state = 'cancelled', lease_until = null, finished_at = now(), last_error = :reason
where id = any (cast(:ids as uuid[])) and state = any (:cancellable)
returning id, kind

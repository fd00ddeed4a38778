-- Unfinished jobs are cancelled; what a worker holds is waited for, and if it has finished meanwhile it stays so.
-- :counted is 1 where this ends an attempt that is not counted yet, else 0.
update app.jobs
set state = 'cancelled', lease_until = null, finished_at = now(), last_error = :reason,
    attempts = attempts + :counted
where id = any (cast(:ids as uuid[])) and state = any (:cancellable)
returning id, kind

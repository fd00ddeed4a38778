-- How far a job has come, for whoever follows it.
update app.jobs
set progress = cast(:progress as jsonb)
where id = :id and attempt = :attempt and state = 'dispatched'
returning id

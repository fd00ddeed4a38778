-- One job by primary key, if it is the :reader's own or the reader is an operator; only operators see the error.
select id, kind, state, attempts, max_attempts, progress, result,
       case when cast(:operator as boolean) then last_error
            when last_error is not null then 'An attempt failed; operators can see why.' end as last_error,
       created_at, run_at, finished_at
from app.jobs
where id = :id and (cast(:operator as boolean) or profile_id = :reader)

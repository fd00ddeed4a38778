-- One job by primary key, if it is the :reader's own or the reader is an operator; only operators see the error. A
-- pending job has the reason why it waits (core/jobs/view.py).
select j.id, j.kind, j.state, j.attempts, j.max_attempts, j.progress, j.result,
       case when cast(:operator as boolean) then j.last_error
            when j.state = 'pending' and j.unavailable_since is not null
                then 'An external service did not answer; the job runs again by itself.'
            when j.last_error is not null then 'An attempt failed; operators can see why.' end as last_error,
       j.created_at, j.run_at, j.finished_at,
       case
           when j.state <> 'pending' then null
           when k.paused_at is not null then 'paused'
           when j.run_at > now() then case when j.unavailable_since is not null then 'gateway'
                                           when j.attempts > 0 then 'backoff' else 'scheduled' end
           when k.max_running <= (select count(*) from app.jobs r where r.state = 'dispatched' and r.kind = j.kind)
               then 'limited'
           when k.max_per_key <= (select count(*) from app.jobs r
                                  where r.state = 'dispatched' and r.kind = j.kind
                                    and r.concurrency_key = j.concurrency_key)
               then 'limited'
           else 'due'
       end as waits_for
from app.jobs j
left join app.job_kinds k on k.kind = j.kind
where j.id = :id and (cast(:operator as boolean) or j.profile_id = :reader)

-- Nothing younger than :grace seconds counts: work may be under way.
select 'job neither due, leased nor waiting' as invariant, count(*) as violations
from app.jobs j
where (j.state = 'dispatched' and j.lease_until < now() - make_interval(secs => :grace))
   or (j.state = 'pending' and j.run_at < now() - make_interval(secs => :grace)
       and not exists (select from app.job_kinds k where k.kind = j.kind and k.paused_at is not null))

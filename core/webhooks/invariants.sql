-- Nothing younger than :grace seconds counts: work may be under way.
select 'webhook event forgotten' as invariant, count(*) as violations
from app.webhook_events e
where e.state = 'received' and e.received_at < now() - make_interval(secs => :grace)
  and not exists (select from app.jobs j where j.kind = 'webhooks.process' and j.state in ('pending', 'dispatched')
                  and j.payload ->> 'event_id' = cast(e.id as text))
union all
select 'dead event about money without a finding', count(*)
from app.webhook_events e
where e.state = 'dead' and e.data ->> 'kind' <> 'none'
  and not exists (select from app.findings f where f.subject_id = e.id)

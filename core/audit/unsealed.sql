-- The oldest entries outside the chain, and where the chain ends (indexes audit_events_unsealed and on seq).
select id, at, tag, actor_id, subject_id, data
from app.audit_events
where seq is null
order by id
limit :quota
for update skip locked

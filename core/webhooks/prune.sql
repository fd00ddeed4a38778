-- Events past their retention that were applied or ignored, at most :quota, with their attempts. One with an open finding
-- stays, and a dead one waits for a person. Ids are UUIDv7, so the oldest stand first in the primary key.
delete from app.webhook_events
where id in (
    select e.id from app.webhook_events e
    where e.id < cast(:before_id as uuid) and e.state in ('processed', 'ignored')
      and e.processed_at < cast(:before as timestamptz)
      and not exists (select from app.findings f where f.subject_id = e.id and f.closed_at is null)
    order by e.id
    limit :quota
    for update skip locked
)

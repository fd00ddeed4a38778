-- Finished jobs past their retention, at most :quota. Ids are UUIDv7, so the oldest stand first in the primary key;
-- dead ones wait for a person.
delete from app.jobs
where id in (
    select id from app.jobs
    where id < cast(:before_id as uuid) and state in ('succeeded', 'cancelled') and finished_at < cast(:before as timestamptz)
    order by id
    limit :quota
    for update skip locked
)

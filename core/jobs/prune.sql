-- Finished jobs past their retention, at most :quota. Ids are UUIDv7, so the oldest stand first in the primary key. A
-- dead one waits for a person, except a tick of a schedule: the next tick does its work.
delete from app.jobs
where id in (
    select id from app.jobs
    where id < cast(:before_id as uuid) and (state in ('succeeded', 'cancelled') or (state = 'dead' and schedule is not null))
      and finished_at < cast(:before as timestamptz)
    order by id
    limit :quota
    for update skip locked
)

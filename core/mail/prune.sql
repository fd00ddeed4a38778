-- Emails past their retention that were sent or given up, at most :quota: by then no job sends one again. Ids are UUIDv7, so
-- the oldest stand first in the primary key.
delete from app.mail_messages
where id in (
    select id from app.mail_messages
    where id < cast(:before_id as uuid) and state in ('sent', 'dead')
    order by id
    limit :quota
    for update skip locked
)

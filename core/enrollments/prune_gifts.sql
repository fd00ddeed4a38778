-- Gifts that no account has taken in time, at most :quota of each: waiting ones, and withdrawn ones (indexes gifts_waiting
-- and gifts_withdrawn_by).
delete from app.gifts
where id in (
    (select id from app.gifts
     where granted_at is null and withdrawn_at is null and created_at < cast(:before as timestamptz)
     order by id limit :quota)
    union all
    (select id from app.gifts
     where withdrawn_by is not null and granted_at is null and created_at < cast(:before as timestamptz)
     limit :quota)
)

-- Refresh tokens that have expired, at most :quota. None lives longer than its retention, and ids are UUIDv7, so the oldest
-- stand first in the primary key.
delete from app.refresh_tokens
where id in (
    select id from app.refresh_tokens
    where id < cast(:before_id as uuid) and expires_at < cast(:now as timestamptz)
    order by id
    limit :quota
    for update skip locked
)

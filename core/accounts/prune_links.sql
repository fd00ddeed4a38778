-- Links some time after they have expired, at most :quota (index one_time_tokens_expired).
delete from app.one_time_tokens
where id in (
    select id from app.one_time_tokens
    where expires_at < cast(:before as timestamptz)
    order by expires_at
    limit :quota
    for update skip locked
)

-- Archives that have expired, at most :quota (index exports_expired).
delete from app.exports
where id in (
    select id from app.exports where expires_at < cast(:now as timestamptz)
    order by expires_at
    limit :quota
    for update skip locked
)

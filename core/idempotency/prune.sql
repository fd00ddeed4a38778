-- Answers past their retention, at most :quota (index idempotency_keys_created).
delete from app.idempotency_keys
where id in (
    select id from app.idempotency_keys
    where created_at < cast(:before as timestamptz)
    order by created_at
    limit :quota
    for update skip locked
)

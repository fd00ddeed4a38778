-- Expire unpaid orders that are due, with an audit entry each. The partial index orders_unpaid is used only if the state
-- is a literal. A locked row is being paid or cancelled now; the next run sees the result.
with due as (
    select id from app.orders
    where state = 'pending' and expires_at <= :now
    for no key update skip locked
), expired as (
    update app.orders o set state = 'expired' from due where o.id = due.id
    returning o.id, o.expires_at
), audited as (
    insert into app.audit_events (tag, subject_id, data)
    select :tag, id, jsonb_build_object('expires_at', expires_at) from expired
)
select count(*) from expired

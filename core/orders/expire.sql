-- Close unpaid orders whose time is over, and say so in the audit log. Index: orders_unpaid, which wants the state
-- written out. A row somebody holds is being paid or cancelled right now; the next run sees what came of it.
with due as (
    select id from app.orders
    where state = 'pending' and expires_at <= :now
    for no key update skip locked
), closed as (
    update app.orders o set state = 'expired' from due where o.id = due.id
    returning o.id, o.expires_at
), told as (
    insert into app.audit_events (tag, subject_id, data)
    select :tag, id, jsonb_build_object('expires_at', expires_at) from closed
)
select count(*) from closed

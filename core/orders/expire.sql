-- Expire unpaid orders that are due, each with an audit entry and an email. The partial index orders_unpaid is used only
-- if the state is a literal. A locked row is being paid or cancelled now; the next run sees the result. An order that was
-- reopened expires at another time, which is another email.
with due as (
    select id from app.orders
    where state = 'pending' and expires_at <= :now
    for no key update skip locked
), expired as (
    update app.orders o set state = 'expired' from due where o.id = due.id
    returning o.id, o.profile_id, o.expires_at
), audited as (
    insert into app.audit_events (tag, subject_id, data)
    select :tag, id, jsonb_build_object('expires_at', expires_at) from expired
), email as (
    insert into app.mail_messages (dedupe_key, template, profile_id, params)
    select 'expired:' || id || ':' || floor(extract(epoch from expires_at)), 'expired', profile_id,
           jsonb_build_object('order_id', id)
    from expired
    on conflict (dedupe_key) do nothing
    returning id, cast(params ->> 'order_id' as uuid) as order_id
), next_jobs as (
    insert into app.jobs (kind, payload, cause_id)
    select 'mail.send', jsonb_build_object('v', 1, 'mail_id', id), order_id from email
)
select count(*) from expired

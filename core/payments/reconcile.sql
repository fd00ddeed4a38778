-- Enqueue a question to the provider about each checkout whose outcome is overdue, oldest first, at most :batch in a run
-- and once in :again for each: an unpaid order's open checkout :grace after its end, and the last checkout of an order
-- whose payment has been in progress for longer than :patience.
with overdue as materialized (
    select c.id, c.expires_at as since
    from app.checkouts c
    where c.closed_at is null and c.expires_at < cast(:now as timestamptz) - cast(:grace as interval)
      and (c.asked_at is null or c.asked_at < cast(:now as timestamptz) - cast(:again as interval))
      and exists (select from app.orders o where o.id = c.order_id and o.state in ('pending', 'expired', 'cancelled'))
    order by c.expires_at
    limit :batch
),
in_progress as materialized (
    select c.id, p.created_at as since
    from app.payments p
    join app.orders o on o.id = p.order_id and o.state = 'processing'
    cross join lateral (
        select id, asked_at from app.checkouts where order_id = o.id order by number desc limit 1
    ) c
    where p.state = 'processing' and p.created_at < cast(:now as timestamptz) - cast(:patience as interval)
      and (c.asked_at is null or c.asked_at < cast(:now as timestamptz) - cast(:again as interval))
    order by p.created_at
    limit :batch
),
chosen as materialized (
    select id from (select * from overdue union all select * from in_progress) both_kinds
    group by id order by min(since) limit :batch
),
asked as (
    update app.checkouts set asked_at = :now where id = any (array(select id from chosen)) returning id, session_id
),
enqueued as (
    insert into app.jobs (kind, payload, dedupe_key, cause_id)
    select 'payments.ask_checkout', jsonb_build_object('v', 1, 'session_id', session_id), 'checkout:' || session_id, id
    from asked
    on conflict (dedupe_key) where dedupe_key is not null and state in ('pending', 'dispatched') do nothing
    returning id
)
select count(*) from enqueued

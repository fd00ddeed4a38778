-- Process a batch of stored events as far as sets go: checkouts that are paid, and what is to be ignored. Of several
-- events about one order only the first is handled; the caller repeats the statement until nothing is left, and
-- handles the rarer facts one by one. Rows come by primary key; payments by (provider, provider_payment_id).
with mine as materialized (
    select id as job_id, cast(payload ->> 'event_id' as uuid) as event_id
    from app.jobs
    where id = any (cast(:ids as uuid[])) and lease_until is not null and lease_version = :lease_version
    order by id
    for update
),
event as materialized (
    select e.id, e.occurred_at, e.livemode, e.state, f.*
    from app.webhook_events e
    cross join lateral jsonb_to_record(e.data)
        as f (kind text, order_id uuid, payment_id text, amount bigint, currency text)
    where e.id = any (array(select event_id from mine))
),
told as materialized (
    select e.*, row_number() over (partition by e.order_id order by e.occurred_at, e.id) as nth
    from event e
    where e.kind = 'checkout_paid' and e.state in ('received', 'dead')
),
locked as materialized (
    select id, profile_id, state, total_amount, currency
    from app.orders
    where id = any (array(select order_id from told))
    order by id
    for update
),
verdict as materialized (
    select t.id, t.order_id, t.payment_id, t.amount, t.currency, t.livemode, o.profile_id,
           case
               when o.id is null then 'unknown order'
               when t.livemode is distinct from :livemode then 'wrong livemode'
               when o.state = any (cast(:already_paid as text[])) then 'second payment'
               when not o.state = any (cast(:payable as text[])) then 'paid when ' || o.state
               when t.currency is distinct from o.currency then 'wrong currency'
               when t.amount is distinct from o.total_amount then 'wrong amount'
               else 'paid'
           end as word
    from told t
    left join locked o on o.id = t.order_id
    where t.nth = 1
),
recorded as (
    insert into app.payments (order_id, provider_payment_id, state, amount, currency, livemode)
    select order_id, payment_id, case word when 'paid' then 'succeeded' else 'review' end, amount, currency, livemode
    from verdict
    where word not in ('unknown order', 'wrong livemode')
    on conflict (provider, provider_payment_id) do update
        set state = excluded.state, amount = excluded.amount, currency = excluded.currency, updated_at = now()
        where payments.order_id = excluded.order_id and payments.state in ('processing', 'failed')
    returning order_id, state
),
paid as (
    update app.orders
    set state = 'paid', paid_at = now()
    where id = any (array(select order_id from recorded where state = 'succeeded'))
    returning id, profile_id, total_amount, currency
),
foreign_payment as (
    select v.id, v.order_id
    from verdict v
    join app.payments p on p.provider = 'stripe' and p.provider_payment_id = v.payment_id
    where v.word not in ('unknown order', 'wrong livemode')
      and v.order_id not in (select order_id from recorded)
      and p.order_id <> v.order_id
),
to_review as (
    select order_id, word from verdict where order_id in (select order_id from recorded where state = 'review')
    union all
    select order_id, 'payment of another order' from foreign_payment
),
reviewed as (
    update app.orders o
    set state = 'review', review_reason = r.word
    from to_review r
    where o.id = r.order_id and o.state = any (cast(:reviewable as text[]))
    returning o.id, r.word
),
fulfilling as (
    insert into app.jobs (kind, payload, profile_id)
    select 'orders.fulfil', jsonb_build_object('v', 1, 'order_id', id), profile_id from paid
),
audited as (
    insert into app.audit_events (tag, subject_id, data)
    select 'stripe:order:paid', id, jsonb_build_object('amount', total_amount, 'currency', currency) from paid
    union all
    select 'stripe:order:review', id, jsonb_build_object('reason', word) from reviewed
),
already_paid as materialized (
    select v.id,
           case when v.word in ('unknown order', 'wrong livemode') then 'ignored' else 'processed' end as state,
           case
               when v.word in ('unknown order', 'wrong livemode') or v.order_id in (select order_id from recorded)
                   then v.word
               when v.id in (select id from foreign_payment) then 'payment of another order'
               else 'the same payment again'
           end as outcome
    from verdict v
    union all
    select id, 'ignored', 'nothing to do' from event where kind = 'none' and state in ('received', 'dead')
),
marked as (
    update app.webhook_events e
    set state = s.state, outcome = s.outcome, processed_at = now()
    from already_paid s
    where e.id = s.id
),
done as (
    update app.jobs
    set state = 'succeeded', lease_until = null, finished_at = now()
    where id = any (array(
        select m.job_id
        from mine m
        where m.event_id in (select id from already_paid)
           or m.event_id in (select id from event where state in ('processed', 'ignored'))
    ))
    returning id
)
select (select count(*) from mine) - (select count(*) from done) as left_over, pg_notify('aula_done', :batch)

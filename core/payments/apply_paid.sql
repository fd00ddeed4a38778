-- Checkouts that were paid. Of several events about one order only the first is applied: the caller repeats the statement
-- until no event is left. Payments come by (provider, provider_payment_id).
with
-- include webhooks/_batch_events,
payment_events as materialized (
    select b.id, b.livemode, d.*, row_number() over (partition by d.order_id order by b.occurred_at, b.id) as rank
    from batch_events b
    cross join lateral jsonb_to_record(b.data) as d (order_id uuid, payment_id text, amount bigint, currency text)
    where b.kind = 'checkout_paid' and b.state in ('received', 'dead')
),
locked as materialized (
    select id, profile_id, state, total_amount, currency
    from app.orders
    where id = any (array(select order_id from payment_events))
    order by id
    for update
),
decision as materialized (
    select p.id, p.order_id, p.payment_id, p.amount, p.currency, p.livemode,
           case
               when o.id is null then 'unknown order'
               when p.livemode is distinct from :livemode then 'wrong livemode'
               when o.state = any (cast(:already_paid as text[])) then 'second payment'
               when not o.state = any (cast(:payable as text[])) then 'paid when ' || o.state
               when p.currency is distinct from o.currency then 'wrong currency'
               when p.amount is distinct from o.total_amount then 'wrong amount'
               else 'paid'
           end as reason
    from payment_events p
    left join locked o on o.id = p.order_id
    where p.rank = 1
),
-- include payments/_record_paid,
-- include payments/_review,
outcomes as (
    select d.id,
           case when d.reason in ('unknown order', 'wrong livemode') then 'ignored' else 'processed' end as state,
           case
               when d.reason in ('unknown order', 'wrong livemode') or d.order_id in (select order_id from recorded)
                   then d.reason
               when d.id in (select id from foreign_payment) then 'payment of another order'
               else 'the same payment again'
           end as outcome
    from decision d
),
-- include webhooks/_applied

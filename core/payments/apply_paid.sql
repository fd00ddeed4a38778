-- Checkouts that were paid. Each payment is stored as the provider tells it, whatever the state of its order; the first
-- one that matches its order pays it. What does not fit opens a finding. Orders are locked in the order of their ids.
with
-- include webhooks/_batch_events,
payment_events as materialized (
    select b.id, b.occurred_at, b.livemode, d.*
    from batch_events b
    cross join lateral jsonb_to_record(b.data) as d (order_id uuid, payment_id text, amount bigint, currency text)
    where b.kind = 'checkout_paid' and b.state in ('received', 'dead')
),
locked as materialized (
    select id, state, total_amount, currency
    from app.orders
    where id = any (array(select order_id from payment_events))
    order by id
    for update
),
-- include payments/_record_payments,
-- include payments/_pay_orders,
-- include payments/_findings,
-- include findings/_opened,
outcomes as (
    select e.id,
           case when o.id is null or e.livemode is distinct from :livemode then 'ignored' else 'processed' end as state,
           case
               when o.id is null then 'unknown order'
               when e.livemode is distinct from :livemode then 'wrong livemode'
               when d.reason is not null then d.reason
               when e.id in (select event_id from foreign_payment) then 'payment of another order'
               else 'the same payment again'
           end as outcome
    from payment_events e
    left join locked o on o.id = e.order_id
    left join decision d on d.event_id = e.id
),
-- include webhooks/_applied

-- Checkouts and payments that succeeded. Each payment is stored as the provider tells it, whatever the state of its
-- order; the first one that matches its order pays it. What does not fit opens a finding. Orders are locked in the order
-- of their ids.
with
-- include webhooks/_batch_events,
payment_events as materialized (
    select b.id, b.occurred_at, b.livemode, d.*
    from undecided b
    cross join lateral jsonb_to_record(b.data) as d (order_id uuid, payment_id text, amount bigint, currency text)
    where b.kind in ('checkout_paid', 'payment_succeeded')
),
locked as materialized (
    select id, state, total_amount, currency
    from app.orders
    where id = any (array(select order_id from payment_events))
    order by id
    for update
),
-- Joined once: every further join of a whole batch would cost each event a look at all others.
known_event as materialized (
    select e.*, o.id is not null as is_known, o.state as order_state,
           e.amount = o.total_amount as amount_matches, e.currency = o.currency as currency_matches,
           first_value(e.order_id) over (partition by e.payment_id order by e.occurred_at, e.id) as first_order_id
    from payment_events e
    left join locked o on o.id = e.order_id
),
-- include payments/_record_payments,
-- include payments/_pay_orders,
-- include payments/_findings,
-- include findings/_opened,
outcomes as materialized (
    select e.id,
           case when e.is_known then 'processed' else 'ignored' end as state,
           case
               when not e.is_known then 'unknown order'
               when d.reason is not null then d.reason
               when e.id in (select event_id from foreign_payment) then 'payment of another order'
               else 'the same payment again'
           end as outcome
    from known_event e
    left join decision d on d.event_id = e.id
),
-- include webhooks/_applied

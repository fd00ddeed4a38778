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
    select o.id, o.state, o.total_amount, o.currency,
           (select p.erased_at is not null from app.profiles p where p.id = o.profile_id) as is_erased
    from app.orders o
    where o.id = any (array(select order_id from payment_events))
    order by o.id
    for update of o
),
-- The batch is joined once, and looked up in hashed lists from here on: the planner knows nothing of its size, and a
-- further join of the batch with itself would compare each event with all others.
known_event as materialized (
    select *, is_known and row_number() over tellings = 1 as is_first, first_value(order_id) over tellings as first_order_id
    from (select e.*, o.id is not null as is_known, o.state as order_state, o.is_erased,
                 e.amount = o.total_amount as amount_matches, e.currency = o.currency as currency_matches
          from payment_events e
          left join locked o on o.id = e.order_id) event
    window tellings as (partition by payment_id, is_known order by occurred_at, id)
),
-- include payments/_record_payments,
-- include payments/_pay_orders,
-- include payments/_findings,
-- include findings/_opened,
outcomes as materialized (
    select event_id as id, case when is_known then 'processed' else 'ignored' end as state, reason as outcome from decision
),
-- include webhooks/_applied

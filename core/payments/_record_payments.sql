-- Stores each payment once, by the first event that tells of it; money that came is never taken back by an older event.
recorded as (
    insert into app.payments (order_id, provider_payment_id, state, amount, currency, livemode)
    select order_id, payment_id, 'succeeded', amount, currency, livemode from known_event where is_first order by payment_id
    on conflict (provider, provider_payment_id) do update
        set state = excluded.state, amount = excluded.amount, currency = excluded.currency, updated_at = now()
        where payments.order_id = excluded.order_id and payments.state = any (cast(:unpaid as text[]))
    returning id, provider_payment_id
),
-- Of the new payments of each order, the one that matches comes first.
payment as materialized (
    select *, row_number() over (partition by order_id, is_new order by not matches, occurred_at, id) as rank
    from (select *, amount_matches and currency_matches as matches,
                 is_first and payment_id in (select provider_payment_id from recorded) as is_new
          from known_event) event
),
new_payment as materialized (
    select id as event_id, order_id, payment_id, matches, is_erased, rank from payment where is_new
)

-- Stores each payment once, by the first event that tells of it; money that came is never taken back by an older event.
first_event as materialized (
    select distinct on (payment_id) *
    from known_event
    where is_known
    order by payment_id, occurred_at, id
),
recorded as (
    insert into app.payments (order_id, provider_payment_id, state, amount, currency, livemode)
    select order_id, payment_id, 'succeeded', amount, currency, livemode from first_event order by payment_id
    on conflict (provider, provider_payment_id) do update
        set state = excluded.state, amount = excluded.amount, currency = excluded.currency, updated_at = now()
        where payments.order_id = excluded.order_id and payments.state = any (cast(:unpaid as text[]))
    returning id, provider_payment_id
),
-- The new payments of each order; the one that matches comes first.
new_payment as materialized (
    select r.id as payment_id, r.provider_payment_id, f.id as event_id, f.order_id, f.order_state, f.amount, f.currency, f.amount_matches,
           f.currency_matches, f.amount_matches and f.currency_matches as matches,
           row_number() over (
               partition by f.order_id order by not (f.amount_matches and f.currency_matches), f.occurred_at, f.id
           ) as rank
    from recorded r
    join first_event f on f.payment_id = r.provider_payment_id
)

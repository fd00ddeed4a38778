-- What `decision` makes of payments and orders: the payment is stored, and an order that is paid is to be fulfilled.
recorded as (
    insert into app.payments (order_id, provider_payment_id, state, amount, currency, livemode)
    select order_id, payment_id, case reason when 'paid' then 'succeeded' else 'review' end, amount, currency, livemode
    from decision
    where reason not in ('unknown order', 'wrong livemode')
    on conflict (provider, provider_payment_id) do update
        set state = excluded.state, amount = excluded.amount, currency = excluded.currency, updated_at = now()
        where payments.order_id = excluded.order_id and payments.state = any (cast(:unpaid as text[]))
    returning order_id, state
),
paid as (
    update app.orders
    set state = 'paid', paid_at = now()
    where id = any (array(select order_id from recorded where state = 'succeeded'))
    returning id, profile_id, total_amount, currency
),
enqueued as (
    insert into app.jobs (kind, payload, profile_id)
    select 'orders.fulfil', jsonb_build_object('v', 1, 'order_id', id), profile_id from paid
),
audited as (
    insert into app.audit_events (tag, subject_id, data)
    select 'stripe:order:paid', id, jsonb_build_object('amount', total_amount, 'currency', currency) from paid
)

-- core/payments/apply_paid.sql without the jobs table, for one event.
with event as materialized (
    select e.id, e.livemode, f.*
    from app.webhook_events e
    cross join lateral jsonb_to_record(e.data)
        as f (kind text, order_id uuid, payment_id text, amount bigint, currency text)
    where e.id = %(event_id)s and e.state in ('received', 'dead') and f.kind = 'checkout_paid'
    for update of e
),
locked as materialized (
    select id, profile_id, state, total_amount, currency
    from app.orders
    where id = (select order_id from event)
    for update
),
decision as materialized (
    select t.id, t.order_id, t.payment_id, t.amount, t.currency, t.livemode,
           case
               when o.id is null then 'unknown order'
               when t.livemode then 'wrong livemode'
               when o.state in ('paid', 'fulfilled', 'refunded') then 'second payment'
               when o.state not in ('pending', 'processing', 'expired') then 'paid when ' || o.state
               when t.currency is distinct from o.currency then 'wrong currency'
               when t.amount is distinct from o.total_amount then 'wrong amount'
               else 'paid'
           end as reason
    from event t
    left join locked o on o.id = t.order_id
),
recorded as (
    insert into app.payments (order_id, provider_payment_id, state, amount, currency, livemode)
    select order_id, payment_id, 'succeeded', amount, currency, livemode
    from decision
    where reason not in ('unknown order', 'wrong livemode')
    on conflict (provider, provider_payment_id) do nothing
    returning id, order_id
),
paid as (
    update app.orders
    set state = 'paid', paid_at = now()
    where id = (select r.order_id from recorded r join decision d on d.order_id = r.order_id where d.reason = 'paid')
    returning id, total_amount, currency
),
opened as (
    insert into app.findings (kind, subject_id, order_id, details)
    select 'payment_mismatch', r.id, r.order_id, jsonb_build_object('reason', d.reason)
    from recorded r
    join decision d on d.order_id = r.order_id
    where d.reason <> 'paid'
    on conflict (kind, subject_id) where closed_at is null do nothing
),
audited as (
    insert into app.audit_events (tag, subject_id, data)
    select 'stripe:order:paid', id, jsonb_build_object('amount', total_amount, 'currency', currency) from paid
),
marked as (
    update app.webhook_events e
    set state = 'processed', outcome = d.reason, processed_at = now()
    from decision d
    where e.id = d.id
)
select cast(id as text) from paid

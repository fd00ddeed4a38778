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
               when o.state in ('paid', 'fulfilled', 'review', 'refunded') then 'second payment'
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
    select order_id, payment_id, case reason when 'paid' then 'succeeded' else 'review' end, amount, currency, livemode
    from decision
    where reason not in ('unknown order', 'wrong livemode')
    on conflict (provider, provider_payment_id) do nothing
    returning order_id, state
),
paid as (
    update app.orders
    set state = 'paid', paid_at = now()
    where id = (select order_id from recorded where state = 'succeeded')
    returning id, total_amount, currency
),
reviewed as (
    update app.orders o
    set state = 'review', review_reason = d.reason
    from decision d
    where o.id = d.order_id and o.id = (select order_id from recorded where state = 'review')
    returning o.id, d.reason
),
audited as (
    insert into app.audit_events (tag, subject_id, data)
    select 'stripe:order:paid', id, jsonb_build_object('amount', total_amount, 'currency', currency) from paid
    union all
    select 'stripe:order:review', id, jsonb_build_object('reason', reason) from reviewed
),
marked as (
    update app.webhook_events e
    set state = 'processed', outcome = d.reason, processed_at = now()
    from decision d
    where e.id = d.id
)
select cast(id as text) from paid

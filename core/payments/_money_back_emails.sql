-- Each refund that has succeeded or failed, and each dispute, has its email, whatever the state of its order. A dispute that
-- was won before its buyer was told of it took no access.
own_payment as materialized (
    select p.provider_payment_id, o.id as order_id, o.profile_id
    from locked o
    join app.payments p on p.order_id = o.id
),
own_refund as materialized (
    select r.id, r.state, p.profile_id, jsonb_build_object('order_id', p.order_id, 'refund_id', r.id) as params
    from own_payment p
    join app.refunds r on r.provider_payment_id = p.provider_payment_id
),
own_dispute as materialized (
    select d.id, d.state, p.profile_id, jsonb_build_object('order_id', p.order_id) as params
    from own_payment p
    join app.disputes d on d.provider_payment_id = p.provider_payment_id
),
email as (
    insert into app.mail_messages (dedupe_key, template, profile_id, params)
    select 'refunded:' || id, 'refunded', profile_id, params from own_refund where state = 'succeeded'
    union all
    select 'refund_failed:' || id, 'refund_failed', profile_id, params from own_refund where state = 'failed'
    union all
    select 'disputed:' || id, 'disputed', profile_id, params from own_dispute where state = 'open'
    union all
    select 'dispute_lost:' || id, 'dispute_lost', profile_id, params from own_dispute where state = 'lost'
    union all
    select 'dispute_won:' || id, 'dispute_won', profile_id, params
    from own_dispute
    where state = 'won' and exists (select from app.mail_messages where dedupe_key = 'disputed:' || own_dispute.id)
    on conflict (dedupe_key) do nothing
    returning id, params ->> 'order_id' as order_id
)

-- Disputes as the provider tells them, moved forward only; the orders they change are derived by jobs.
with
-- include webhooks/_batch_events,
-- The newest of several events about one dispute: the state that is furthest on.
told as materialized (
    select distinct on (d.provider_id) d.*, b.id
    from batch_events b
    cross join lateral jsonb_to_record(b.data)
        as d (provider_id text, payment_id text, amount bigint, currency text, state text)
    where b.kind = 'dispute' and b.state in ('received', 'dead') and b.livemode is not distinct from :livemode
    order by d.provider_id, array_position(cast(:progress as text[]), d.state) desc, b.occurred_at desc
),
stored as (
    insert into app.disputes (provider_dispute_id, provider_payment_id, payment_id, state, amount, currency)
    select t.provider_id, t.payment_id, p.id, t.state, t.amount, t.currency
    from told t
    left join app.payments p on p.provider = 'stripe' and p.provider_payment_id = t.payment_id
    order by t.provider_id
    on conflict (provider_dispute_id) do update
        set state = excluded.state, amount = excluded.amount, updated_at = now(),
            payment_id = coalesce(disputes.payment_id, excluded.payment_id)
        where array_position(cast(:progress as text[]), excluded.state)
              > array_position(cast(:progress as text[]), disputes.state)
    returning id, provider_payment_id, state, amount, currency
),
changed as materialized (
    select s.id, s.state, s.amount, s.currency, p.order_id
    from stored s
    left join app.payments p on p.provider = 'stripe' and p.provider_payment_id = s.provider_payment_id
),
derived as (
    insert into app.jobs (kind, payload)
    select 'payments.derive', jsonb_build_object('v', 1, 'order_id', order_id)
    from changed
    where order_id is not null
    group by order_id
),
to_open as (
    select 'dispute_open' as kind, id as subject_id, order_id,
           jsonb_build_object('amount', amount, 'currency', currency) as details
    from changed
    where state = 'open'
),
-- include findings/_opened,
outcomes as (
    select b.id, case when b.livemode is not distinct from :livemode then 'processed' else 'ignored' end as state,
           case when b.livemode is not distinct from :livemode then 'dispute ' || (b.data ->> 'state')
                else 'wrong livemode' end as outcome
    from batch_events b
    where b.kind = 'dispute' and b.state in ('received', 'dead')
),
-- include webhooks/_applied

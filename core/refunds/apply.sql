-- Refunds as the provider tells them, moved forward only; their payment may be unknown yet. A refund that was asked for
-- here is known by its id in the metadata, so an event that is faster than the answer to the call is about the same row.
with
-- include webhooks/_batch_events,
-- include payments/_money_back_events,
own as materialized (
    select r.id, n.*
    from newest n
    join app.refunds r on r.id = n.refund_id and r.provider_payment_id = n.payment_id
    where r.provider_refund_id is null or r.provider_refund_id = n.provider_id
    order by r.id
    for update of r
),
chosen as materialized (
    select distinct on (id) * from own order by id, provider_id
),
-- Until the provider has named it, the state is only what was thought here.
asked as (
    update app.refunds r
    set provider_refund_id = c.provider_id, state = c.state, amount = c.amount, updated_at = now(), failure = null
    from chosen c
    where r.id = c.id
      and (r.provider_refund_id is null
           or array_position(cast(:progress as text[]), c.state) > array_position(cast(:progress as text[]), r.state))
    returning r.id, r.provider_refund_id as provider_id, r.provider_payment_id, r.state, r.amount, r.currency
),
told as (
    insert into app.refunds (provider_refund_id, provider_payment_id, payment_id, state, amount, currency)
    select provider_id, payment_id, own_payment_id, state, amount, currency
    from newest
    where provider_id not in (select provider_id from chosen)
    order by provider_id
    on conflict (provider_refund_id) do update
        set state = excluded.state, amount = excluded.amount, updated_at = now(),
            payment_id = coalesce(refunds.payment_id, excluded.payment_id)
        where array_position(cast(:progress as text[]), excluded.state)
              > array_position(cast(:progress as text[]), refunds.state)
    returning id, provider_refund_id as provider_id, provider_payment_id, state, amount, currency
),
stored as (
    select * from asked
    union all
    select * from told
),
-- include payments/_money_back_stored,
-- include webhooks/_applied

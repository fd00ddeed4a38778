-- Disputes as the provider tells them, moved forward only; their payment may be unknown yet.
with
-- include webhooks/_batch_events,
-- include payments/_money_back_events,
stored as (
    insert into app.disputes (provider_dispute_id, provider_payment_id, payment_id, state, amount, currency)
    select provider_id, payment_id, own_payment_id, state, amount, currency from newest order by provider_id
    on conflict (provider_dispute_id) do update
        set state = excluded.state, amount = excluded.amount, updated_at = now(),
            payment_id = coalesce(disputes.payment_id, excluded.payment_id)
        where array_position(cast(:progress as text[]), excluded.state)
              > array_position(cast(:progress as text[]), disputes.state)
    returning id, provider_dispute_id as provider_id, provider_payment_id, state, amount, currency
),
-- include payments/_money_back_stored,
-- include webhooks/_applied

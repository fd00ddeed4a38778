-- Charges with the provider's fee are entries of its books; their payment may be unknown yet.
with
-- include webhooks/_batch_events,
told_entry as materialized (
    select b.id, 'payment' as kind, d.transaction_id, d.object_id, d.payment_id, d.order_id, d.amount, d.currency,
           d.fee_amount, d.settled_amount, d.settled_currency, to_timestamp(d.booked_at) as booked_at
    from undecided b
    cross join lateral jsonb_to_record(b.data) as d (
        transaction_id text, object_id text, payment_id text, order_id uuid, amount bigint, currency text,
        fee_amount bigint, settled_amount bigint, settled_currency text, booked_at bigint
    )
    where b.kind = 'charge_settled'
),
-- include payments/_stored_entries,
outcomes as materialized (
    select id, 'processed' as state,
           case when transaction_id in (select transaction_id from stored_entry) then 'the fee is known'
                else 'the same fee again' end as outcome
    from told_entry
),
-- include webhooks/_applied

-- Store a page of the provider's books.
with told_entry as (
    select *
    from jsonb_to_recordset(cast(:entries as jsonb)) as e (
        transaction_id text, kind text, object_id text, payment_id text, order_id uuid, amount bigint, currency text,
        fee_amount bigint, settled_amount bigint, settled_currency text, booked_at timestamptz
    )
),
-- include payments/_stored_entries
select count(*) from stored_entry

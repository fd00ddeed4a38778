-- Stores entries of the provider's books, once each: a balance transaction never changes.
stored_entry as (
    insert into app.book_entries (
        transaction_id, kind, object_id, provider_payment_id, order_id, amount, currency, fee_amount, settled_amount,
        settled_currency, booked_at
    )
    select distinct on (transaction_id) transaction_id, kind, object_id, payment_id, order_id, amount, currency, fee_amount,
           settled_amount, settled_currency, booked_at
    from told_entry
    order by transaction_id
    on conflict (transaction_id) do nothing
    returning transaction_id
)

-- The received payments of one order, the first one first. The caller has locked the order if it decides by them.
with locked as materialized (
    select id, state, total_amount, currency from app.orders where id = :order_id
),
-- include payments/_money
select payment_id, order_id, provider_payment_id, amount, currency, covers, back, disputed from money order by payment_id
